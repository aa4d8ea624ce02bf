import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { JsonBounds } from '../json/cost.ts';
import { describeExcess, type JsonProblem, parseJson, UNCOUNTED_LENGTH } from '../json/parse.ts';
import { failure, type Result, success } from '../text/problem.ts';
import type { BodyMemory, HeldBody } from './body-memory.ts';
import type { Rejection } from './rejections.ts';

const MEBIBYTE = 1024 * 1024;

/** A legal pod of 1.5 MiB reaches 9 MiB if its texts are full of characters that Go escapes. */
export const MAX_BODY_BYTES = 16 * MEBIBYTE;

/** How much of one body is read in a turn of the event loop, so that other connections have their turn soon. */
const MAX_TURN_BYTES = 64 * 1024;

/** A longer body comes in chunks of at least this size on average, but for the first ones. Go sends more than 1,000 bytes. */
const LEAST_CHUNK_BYTES = 256;
const MAX_TINY_CHUNKS = 256;

// Built once: the stack of an error costs more than the chunks.
const TOO_MANY_CHUNKS = new Error('the body came in too many chunks');

const EMPTY = Buffer.alloc(0);

/** Receives a body when it is complete, or the reason for which it is rejected. */
export type BodyListener = (body: Result<Buffer, Rejection>) => void;

/**
 * Reads the body of a request and calls the listener once. Its bytes take memory as they arrive, until it is complete; a
 * declared length is only a limit.
 *
 * A body is rejected as soon as it is too large, encoded, aborted, or evicted from the memory. The rest of it is then
 * discarded as it arrives, so that its sender reads the answer. A callback, because promises all along the way cost 6
 * to 8 % of a whole request.
 */
export function readBody(request: IncomingMessage, memory: BodyMemory, onBody: BodyListener): void {
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  const rejection = checkEncoding(request) ?? checkSize(declared);
  if (rejection !== undefined) {
    discard(request);
    onBody(failure(rejection));
    return;
  }

  let size = 0;
  let held: HeldBody | undefined;
  let limitChunks: ((chunk: Buffer) => void) | undefined;
  let last: Buffer = EMPTY;
  request.on('data', onData);
  request.once('end', onEnd);
  request.once('error', onError);

  function onData(chunk: Buffer): void {
    size += chunk.length;
    const rejection = checkSize(size);
    if (rejection !== undefined) {
      fail(rejection);
    } else if (size === declared) {
      // Most bodies arrive in one chunk, which is neither copied nor counted.
      last = chunk;
    } else {
      held ??= memory.open(onEvicted);
      held.add(chunk);
      limitChunks ??= createChunkLimit(request);
      limitChunks(chunk);
    }
  }

  function onEvicted(): void {
    fail({ reason: 'too-many-bytes', message: 'too many unfinished bodies at once; try again' });
  }

  function onEnd(): void {
    stop();
    onBody(success(held?.take(last) ?? last));
  }

  function onError(): void {
    fail({ reason: 'aborted', message: 'the body ended before its end' });
  }

  function fail(rejection: Rejection): void {
    stop();
    held?.release();
    discard(request);
    onBody(failure(rejection));
  }

  function stop(): void {
    request.off('data', onData);
    request.off('end', onEnd);
    request.off('error', onError);
    // An error may still come, such as the end of the connection; without a listener it would end the process.
    request.on('error', ignore);
  }
}

/**
 * Returns a function that is called with each chunk of a body. It reads only a part of the body in each turn of the event
 * loop. It closes a connection that sends many tiny chunks: each takes us longer than its sender.
 */
function createChunkLimit(request: IncomingMessage): (chunk: Buffer) => void {
  let chunks = 0;
  let bytes = 0;
  let endOfTurn = MAX_TURN_BYTES;
  return (chunk) => {
    chunks += 1;
    bytes += chunk.length;
    if (chunks > MAX_TINY_CHUNKS + bytes / LEAST_CHUNK_BYTES) {
      // The parser still passes on the chunks of the piece that has arrived.
      request.removeAllListeners('data').destroy(TOO_MANY_CHUNKS);
    } else if (bytes >= endOfTurn) {
      endOfTurn = bytes + MAX_TURN_BYTES;
      stopForThisTurn(request.socket);
    }
  };
}

type Handle = Readonly<{ readStop: () => void; readStart: () => void }>;

/**
 * Node reads up to 32 times from one connection before it turns to the next. The handle is stopped, as Node's own HTTP
 * server does: `pause` keeps what still arrives, and a million tiny chunks take a hundred times their bytes.
 */
function stopForThisTurn(socket: Socket): void {
  const { _handle: handle }: { _handle?: Handle | null } = Object(socket);
  handle?.readStop();
  setImmediate(() => {
    if (!socket.destroyed) {
      handle?.readStart();
    }
  });
}

function discard(request: IncomingMessage): void {
  request.on('error', ignore).on('data', createChunkLimit(request));
}

function ignore(): void {
  // Nobody waits for this body any more.
}

function checkSize(bytes: number): Rejection | undefined {
  return bytes > MAX_BODY_BYTES
    ? { reason: 'body-too-large', message: `expected a body of at most ${MAX_BODY_BYTES} bytes` }
    : undefined;
}

function checkEncoding({ headers }: IncomingMessage): Rejection | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity'
    ? undefined
    : { reason: 'content-type', message: 'expected a body without content encoding' };
}

/** Kubernetes' largest objects, sent twice for an update, are parsed and decided in 50 milliseconds. */
const USUAL_BODY: JsonBounds = { length: 3 * MEBIBYTE, cost: 100_000, depth: 256 };

/** The API server escapes some characters, so that an object may be six times as large. It may take 200 milliseconds. */
const LARGE_BODY: JsonBounds = { length: 16 * MEBIBYTE, cost: 300_000, depth: 256 };

/** Parses a body; it is rejected if it is no JSON, or would hold up other requests for too long. */
export function parseBody(body: Buffer): Result<unknown, Rejection> {
  // To replace the bytes that are not UTF-8 takes ten times as long as to decode the others.
  if (body.length > UNCOUNTED_LENGTH && !isUtf8(body)) {
    return failure(NOT_JSON);
  }
  const bounds = body.length <= USUAL_BODY.length ? USUAL_BODY : LARGE_BODY;
  const parsed = parseJson(body.toString(), bounds);
  return parsed.ok ? parsed : failure(toRejection(parsed.problem, bounds));
}

const NOT_JSON: Rejection = { reason: 'not-json', message: 'expected a JSON body, found something else' };

function toRejection(problem: JsonProblem, bounds: JsonBounds): Rejection {
  return problem === 'not-json'
    ? NOT_JSON
    : { reason: 'too-complex', message: `expected simpler JSON, found ${describeExcess(problem, bounds)}` };
}
