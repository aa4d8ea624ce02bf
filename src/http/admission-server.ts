import type { Server } from 'node:https';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Decision } from '../admission/decision.ts';
import { buildResponse } from '../admission/respond.ts';
import { type AdmissionRequest, parseReview } from '../admission/review.ts';
import { createLargeBodyBudget } from './large-body-budget.ts';
import { type LimitedConnections, limitConnections } from './limit-connections.ts';
import { logDecision } from './log-decision.ts';
import { parseJson } from './parse-json.ts';
import { readBody } from './read-body.ts';
import { createReject, notFound } from './reject.ts';
import { RequestError } from './request-error.ts';

/** With its charset, which Fastify would otherwise add to each answer. */
const JSON_TYPE = 'application/json; charset=utf-8';

const MAX_CONNECTIONS = 1_000;

/** What the admission server tells of its requests. */
export type AdmissionObserver = Readonly<{
  countDecision: (path: string, decision: string, reason: string, seconds: number) => void;
  /** A role was admitted by lists that expire, and by no other. */
  countBreakGlass: () => void;
  countRejected: (reason: string) => void;
  requestStarted: () => void;
  requestEnded: () => void;
}>;

/** Decides a request; a promise only where something has to be waited for. */
export type AdmissionHandler = (request: AdmissionRequest) => Decision | Promise<Decision>;

export type AdmissionServerOptions = Readonly<{
  server: Server;
  /** What decides the requests of each path. */
  handlers: Readonly<Record<string, AdmissionHandler>>;
  observer: AdmissionObserver;
  logger: Logger;
}>;

/** Has a server answer AdmissionReviews; the caller creates it and listens with it. */
export async function serveAdmission({
  server,
  handlers,
  observer,
  logger,
}: AdmissionServerOptions): Promise<LimitedConnections> {
  const connections = limitConnections(server, MAX_CONNECTIONS, () =>
    observer.countRejected('too-many-connections'),
  );
  server.on('request', (_, response) => {
    observer.requestStarted();
    response.on('close', observer.requestEnded);
  });

  const paths = Object.keys(handlers);
  const reject = createReject(paths, observer.countRejected, logger);
  const app = Fastify<Server>({
    serverFactory: (handler) => server.on('request', handler),
    frameworkErrors: reject,
  });
  // The type is checked here, the body is read by the handler, which has the response at hand.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (_request, _payload, done) => done(null));

  const budget = createLargeBodyBudget();
  app.setErrorHandler(reject);
  app.setNotFoundHandler((request, reply) => reject(notFound(paths), request, reply));
  for (const [path, handle] of Object.entries(handlers)) {
    app.post(path, answer(path, handle));
  }
  await app.ready();
  return connections;

  function answer(path: string, handle: AdmissionHandler) {
    // By callbacks, not promises: each promise on the way would cost every request a turn of the microtask queue.
    return (request: FastifyRequest, reply: FastifyReply) => {
      const startedAt = performance.now();
      readBody(request.raw, reply.raw, budget, (body) => {
        if (body instanceof RequestError) {
          fail(body);
          return;
        }
        try {
          const review = parseReview(parseJson(body));
          const decision = handle(review);
          if (decision instanceof Promise) {
            decision.then((decision) => conclude(review, decision)).catch(fail);
          } else {
            conclude(review, decision);
          }
        } catch (error) {
          fail(error);
        }
      });

      function conclude(review: AdmissionRequest, decision: Decision): void {
        reply.header('content-type', JSON_TYPE).send(JSON.stringify(buildResponse(review.uid, decision)));

        const durationMs = performance.now() - startedAt;
        observer.countDecision(path, decision.decision, decision.reason, durationMs / 1000);
        if (decision.breakGlass !== undefined && !review.dryRun) {
          observer.countBreakGlass();
        }
        logDecision(logger, path, review, decision, durationMs);
      }

      function fail(error: unknown): void {
        reject(error, request, reply);
      }
    };
  }
}
