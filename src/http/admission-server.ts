import type { Server } from 'node:https';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Decision, DecisionReason, Outcome } from '../admission/decision.ts';
import { type AdmissionRequest, buildResponse, parseReview } from '../admission/review.ts';
import type { Caller, DecideRequest } from '../admission/route.ts';
import { MAX_BODY_BYTES, parseBody, readBody } from './body.ts';
import { createBodyMemory } from './body-memory.ts';
import { logDecision } from './decision-log.ts';
import { createGate, type Gate } from './gate.ts';
import { createRejectionLog, createRejector, reportClosed } from './rejections.ts';

/** With the charset, which Fastify would otherwise add to each answer. */
const JSON_TYPE = 'application/json; charset=utf-8';

const MAX_CONNECTIONS = 1_000;

/** No caller waits longer than three seconds. */
const REQUEST_TIMEOUT_MS = 4_000;

/** A rejected body is read and discarded up to here, so that its sender reads the answer. */
const MAX_REQUEST_BYTES = 2 * MAX_BODY_BYTES;

/** A decision as it is counted. */
export type CountedDecision = Readonly<{
  path: string;
  outcome: Outcome;
  reason: DecisionReason;
  isDryRun: boolean;
  /** As the request has it; empty if it has none. */
  namespace: string;
  seconds: number;
}>;

/** Receives reports on the requests of the admission server. */
export type AdmissionObserver = Readonly<{
  countDecision: (decision: CountedDecision) => void;
  /** A role was admitted that only allowlists with an expiry allow. */
  countBreakGlass: () => void;
  /** A request or connection got no decision; the reason is one of a fixed set of words. */
  countRejected: (reason: string) => void;
  requestStarted: () => void;
  requestEnded: () => void;
}>;

export type AdmissionServerOptions = Readonly<{
  server: Server;
  /** By path. */
  routes: Readonly<Record<string, DecideRequest>>;
  observer: AdmissionObserver;
  logger: Logger;
}>;

/** Makes a server answer AdmissionReviews. The caller has created it, and listens. */
export async function serveAdmission({
  server,
  routes,
  observer,
  logger,
}: AdmissionServerOptions): Promise<Gate> {
  const log = createRejectionLog(logger);
  const rejector = createRejector(Object.keys(routes), observer.countRejected, log);
  const { reject, rejectError } = rejector;
  const app = Fastify<Server>({
    serverFactory: () => server,
    frameworkErrors: rejectError,
  });
  const gate = createGate(server, {
    maxConnections: MAX_CONNECTIONS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxRequestBytes: MAX_REQUEST_BYTES,
    isAcceptable: () => true,
    onRequest: (request, response) => {
      observer.requestStarted();
      response.on('close', observer.requestEnded);
      app.routing(request, response);
    },
    onClosed: reportClosed('secure', observer.countRejected, log),
  });
  // Fastify checks the content type; the handler reads the body, because it has the response.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (_request, _payload, done) => done(null));
  app.setErrorHandler(rejectError);
  app.setNotFoundHandler(rejector.rejectUnknownPath);

  const memory = createBodyMemory();
  for (const [path, decide] of Object.entries(routes)) {
    app.post(path, createHandler(path, decide));
  }
  await app.ready();
  return gate;

  function createHandler(path: string, decide: DecideRequest) {
    // Callbacks, because each promise on the way would cost every request a turn of the microtask queue.
    return (request: FastifyRequest, reply: FastifyReply) => {
      const startedAt = performance.now();
      readBody(request.raw, memory, (body) => {
        const parsed = body.ok ? parseBody(body.value) : body;
        if (!parsed.ok) {
          reject(parsed.problem, request, reply);
          return;
        }
        try {
          const review = parseReview(parsed.value);
          const decision = decide(review, getCaller);
          if (decision instanceof Promise) {
            // A request that waits must not keep its objects in memory.
            const rest = { ...review, object: undefined, oldObject: undefined };
            decision.then((decision) => sendDecision(rest, decision)).catch(fail);
          } else {
            sendDecision(review, decision);
          }
        } catch (error) {
          fail(error);
        }
      });

      function getCaller(): Caller {
        return {
          address: request.ip,
          onGone: (listener) => void reply.raw.once('close', listener),
        };
      }

      function sendDecision(review: AdmissionRequest, decision: Decision): void {
        reply.header('content-type', JSON_TYPE).send(JSON.stringify(buildResponse(review.uid, decision)));

        const durationMs = performance.now() - startedAt;
        const { outcome, reason } = decision;
        const { dryRun: isDryRun, namespace } = review;
        observer.countDecision({ path, outcome, reason, isDryRun, namespace, seconds: durationMs / 1000 });
        if (decision.breakGlass !== undefined && !isDryRun) {
          observer.countBreakGlass();
        }
        logDecision(logger, path, review, decision, durationMs);
      }

      function fail(error: unknown): void {
        rejectError(error, request, reply);
      }
    };
  }
}
