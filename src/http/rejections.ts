import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { InvalidReviewError } from '../admission/review.ts';
import { UndecidedError } from '../admission/route.ts';
import { printable } from '../text/printable.ts';
import { CLOSING_REASONS, type GateOptions } from './gate.ts';

/** Every reason for which a request gets no decision, and its HTTP status. Alerts are built on these words. */
const STATUS_CODES = {
  'not-json': 400,
  'not-a-review': 400,
  'too-complex': 400,
  aborted: 400,
  'not-found': 404,
  'body-too-large': 413,
  'content-type': 415,
  internal: 500,
  'too-many-bindings': 503,
  'too-many-bytes': 503,
} as const;

/** Every word with which a request or connection without a decision is counted. */
export const REJECTION_REASONS: readonly string[] = [
  ...new Set([...Object.keys(STATUS_CODES), ...CLOSING_REASONS]),
];

const UNAVAILABLE = 503;
const OR = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Why a request gets no decision; the message is for its sender. */
export type Rejection = Readonly<{ reason: keyof typeof STATUS_CODES; message: string }>;

/** Answers requests that get no decision, logs and counts them. */
export type Rejector = Readonly<{
  reject: (rejection: Rejection, request: FastifyRequest, reply: FastifyReply) => void;
  /** Rejects for an error that was thrown; 500 if it is a bug. */
  rejectError: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;
  /** Rejects a path or method that the server does not have. */
  rejectUnknownPath: (request: FastifyRequest, reply: FastifyReply) => void;
}>;

/** Creates the error handlers of a server with these paths; `countRejected` gets the reason. */
export function createRejector(
  paths: readonly string[],
  countRejected: (reason: string) => void,
  log: RejectionLog,
): Rejector {
  const notFound: Rejection = { reason: 'not-found', message: `expected POST ${OR.format(paths)}` };

  function reject(rejection: Rejection, request: FastifyRequest, reply: FastifyReply): void {
    const { reason, message } = rejection;
    log('warn', 'rejected', () => ({ path: printable(request.url), problem: message, reason }));
    answer(rejection, reply);
  }

  function answer({ reason, message }: Rejection, reply: FastifyReply): void {
    countRejected(reason);
    const code = STATUS_CODES[reason];
    if (code === UNAVAILABLE) {
      // The sender's next request may then reach another replica.
      reply.header('connection', 'close');
    }
    reply.code(code).header('content-type', 'application/json').send(toApiStatus(code, message));
  }

  function rejectError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const rejection = hasCode(error, 'FST_ERR_BAD_URL') ? notFound : toRejection(error);
    if (rejection !== undefined) {
      reject(rejection, request, reply);
      return;
    }
    log('error', 'rejected', () => ({ path: printable(request.url), err: error, reason: 'internal' }));
    answer({ reason: 'internal', message: 'internal error of eci-ram-role-webhook; see its log' }, reply);
  }

  return { reject, rejectError, rejectUnknownPath: (request, reply) => reject(notFound, request, reply) };
}

/** The rejection for an error of the sender's; undefined if the error is ours. */
function toRejection(error: unknown): Rejection | undefined {
  if (error instanceof InvalidReviewError) {
    return { reason: 'not-a-review', message: error.message };
  }
  if (error instanceof UndecidedError) {
    return { reason: error.reason, message: error.message };
  }
  return hasCode(error, 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    ? { reason: 'content-type', message: 'expected content-type application/json' }
    : undefined;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Kubernetes' `metav1.Status`: the API server shows its message to its own caller. */
function toApiStatus(code: number, message: string): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
}

/** A line costs about as much as the request that it reports, so hostile requests must not get one each. */
const LINES_PER_SECOND = 10;

/** Logs that a request or a connection was rejected. The fields are only made if the line is written. */
export type RejectionLog = (level: 'warn' | 'error', message: string, describe: () => object) => void;

/**
 * Creates a log of rejections that writes at most ten lines a second. The next line after a gap has the number of
 * `omitted` lines; the metric counts all rejections.
 *
 * @param now returns milliseconds
 */
export function createRejectionLog(
  logger: Logger,
  now: () => number = () => performance.now(),
): RejectionLog {
  let second = 0;
  let lines = 0;
  let omitted = 0;
  return (level, message, describe) => {
    const present = Math.floor(now() / 1000);
    if (present !== second) {
      second = present;
      lines = 0;
    }
    if (lines >= LINES_PER_SECOND) {
      omitted++;
      return;
    }
    lines++;
    logger[level]({ ...describe(), ...(omitted > 0 && { omitted }) }, message);
    omitted = 0;
  };
}

/** Counts and logs the connections that the gate of a port closes. */
export function reportClosed(
  port: 'secure' | 'probe',
  countRejected: (reason: string) => void,
  log: RejectionLog,
): GateOptions['onClosed'] {
  return (reason, peer) => {
    countRejected(reason);
    log('warn', 'connection closed', () => ({ reason, port, peer }));
  };
}
