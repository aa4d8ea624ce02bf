import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { InvalidReviewError } from '../admission/review.ts';
import { printable } from '../text/printable.ts';

const STATUS_CODES = {
  'not-json': 400,
  'not-a-review': 400,
  'too-many-values': 400,
  aborted: 400,
  'not-found': 404,
  'body-too-large': 413,
  'content-type': 415,
  'large-bodies': 503,
} as const;

/** Why a request got no decision. Alerts are built on these words. */
export type RejectionReason = keyof typeof STATUS_CODES;

/** A request that gets no decision; the message is for whoever sent it. */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly reason: RejectionReason;
  readonly statusCode: number;

  constructor(reason: RejectionReason, message: string) {
    super(message);
    this.reason = reason;
    this.statusCode = STATUS_CODES[reason];
  }
}

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Answers requests that get no decision: with what is wrong with them, or 500 where something is wrong with us. */
export type Reject = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** Creates the error handler of a server with these paths; `countRejected` is given one of a fixed set of words. */
export function createReject(
  paths: readonly string[],
  countRejected: (reason: string) => void,
  logger: Logger,
): Reject {
  return (error, request, reply) => {
    const rejection = toRequestError(error, paths);
    const line = {
      path: printable(request.url),
      problem: rejection?.message,
      err: rejection ? undefined : error,
    };
    const reason = rejection?.reason ?? 'internal';
    countRejected(reason);
    logger[rejection ? 'warn' : 'error']({ ...line, reason }, 'rejected');

    const code = rejection?.statusCode ?? 500;
    const message = rejection?.message ?? 'internal error of eci-ram-role-webhook; its log says more';
    if (code === 503) {
      // Whoever sends too much at once shall at least do so through another replica.
      reply.header('connection', 'close');
    }
    reply.code(code).header('content-type', 'application/json').send(toApiStatus(code, message));
  };
}

function toRequestError(error: unknown, paths: readonly string[]): RequestError | undefined {
  if (error instanceof RequestError) {
    return error;
  }
  if (error instanceof InvalidReviewError) {
    return new RequestError('not-a-review', error.message);
  }
  if (hasCode(error, 'FST_ERR_CTP_INVALID_MEDIA_TYPE')) {
    return new RequestError('content-type', 'expected content-type application/json');
  }
  return hasCode(error, 'FST_ERR_BAD_URL') ? notFound(paths) : undefined;
}

/** The answer to any path or method but those there are. */
export function notFound(paths: readonly string[]): RequestError {
  return new RequestError('not-found', `expected POST ${EITHER.format(paths)}`);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Kubernetes' `metav1.Status`: the API server shows its message to whoever sent the request. */
function toApiStatus(code: number, message: string): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
}
