import type { Server } from 'node:https';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Decision } from '../admission/decision.ts';
import { buildResponse } from '../admission/respond.ts';
import { type AdmissionRequest, parseReview } from '../admission/review.ts';
import type { DecideRequest } from '../admission/route.ts';
import { createLargeBodyBudget, readBody } from './body.ts';
import { type LimitedConnections, limitConnections } from './connections.ts';
import { logDecision } from './decision-log.ts';
import { createReject, notFound, RequestError } from './errors.ts';
import { parseJson } from './json.ts';

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

export type AdmissionServerOptions = Readonly<{
  server: Server;
  /** What decides the requests of each path. */
  routes: Readonly<Record<string, DecideRequest>>;
  observer: AdmissionObserver;
  logger: Logger;
}>;

/** Has a server answer AdmissionReviews; the caller creates it and listens with it. */
export async function serveAdmission({
  server,
  routes,
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

  const paths = Object.keys(routes);
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
  for (const [path, decide] of Object.entries(routes)) {
    app.post(path, answer(path, decide));
  }
  await app.ready();
  return connections;

  function answer(path: string, decide: DecideRequest) {
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
          const decision = decide(review);
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
        observer.countDecision(path, decision.outcome, decision.reason, durationMs / 1000);
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
