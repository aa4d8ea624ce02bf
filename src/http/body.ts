import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure, type Result, success } from '../text/problem.ts';
import type { Rejection } from './errors.ts';

/** A legal pod of 1.5 MiB reaches 9 MiB if its texts are full of characters that Go escapes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Up to this much of a rejected body is read and discarded, so that its sender reads the answer. */
const MAX_DISCARDED_BYTES = 2 * MAX_BODY_BYTES;

/** Bodies up to this size take nothing from the budget. */
export const SMALL_BODY_BYTES = 256 * 1024;

/** The limit for all larger bodies together, so that one tenant's bodies cannot use up the memory. */
const LARGE_BODIES_BYTES = 64 * 1024 * 1024;

/** Receives a body when it is complete, or the reason for which it is rejected. */
export type BodyListener = (body: Result<Buffer, Rejection>) => void;

/**
 * Reads the body of a request and calls the listener once. A large body takes its declared size from the budget at the
 * start, or more as it arrives if it declares none, and returns it when the response or the connection is closed.
 *
 * A body is rejected if it is too large, encoded or aborted, or if the budget is spent. A callback, because promises
 * all along the way cost 6 to 8 % of a whole request.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  budget: LargeBodyBudget,
  onBody: BodyListener,
): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  let size = 0;
  let reserved = 0;
  let rejection = checkEncoding(request) ?? reserve(declared);
  let body = createByteCollector(rejection ? 0 : declared);

  request.on('data', onData);
  request.once('end', finish);
  request.once('error', onError);

  function onData(chunk: Buffer): void {
    size += chunk.length;
    rejection ??= reserve(size);
    if (rejection === undefined) {
      body.add(chunk);
    } else if (size > MAX_DISCARDED_BYTES) {
      finish();
    } else {
      body = createByteCollector(0);
    }
  }

  function reserve(bytes: number): Rejection | undefined {
    if (bytes > MAX_BODY_BYTES) {
      return { reason: 'body-too-large', message: `expected a body of at most ${MAX_BODY_BYTES} bytes` };
    }
    if (bytes <= SMALL_BODY_BYTES || bytes <= reserved) {
      return undefined;
    }
    if (!budget.take(bytes - reserved)) {
      return { reason: 'large-bodies', message: 'too many large bodies at once; try again' };
    }
    if (reserved === 0) {
      response.once('close', () => budget.giveBack(reserved));
    }
    reserved = bytes;
    return undefined;
  }

  function finish(): void {
    stop();
    onBody(rejection ? failure(rejection) : success(body.take()));
  }

  function onError(): void {
    stop();
    onBody(failure({ reason: 'aborted', message: 'the body ended before its end' }));
  }

  function stop(): void {
    request.off('data', onData);
    request.off('end', finish);
    request.off('error', onError);
    // An error may still come, such as the end of the connection; without a listener it would end the process.
    request.on('error', () => undefined);
  }
}

function checkEncoding({ headers }: IncomingMessage): Rejection | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity'
    ? undefined
    : { reason: 'content-type', message: 'expected a body without content encoding' };
}

/** Joins the chunks of a body as they arrive, so that a million tiny ones take no more memory than their bytes. */
type ByteCollector = Readonly<{
  add: (chunk: Buffer) => void;
  /** All bytes so far; nothing may be added after. */
  take: () => Buffer;
}>;

const EMPTY = Buffer.alloc(0);

/** @param expected the number of bytes to come, 0 if it is not known */
function createByteCollector(expected: number): ByteCollector {
  // Most bodies arrive in one chunk, which is never copied.
  let only: Buffer | undefined;
  let bytes = EMPTY;
  let length = 0;

  const append = (chunk: Buffer) => {
    if (length + chunk.length > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(expected, 2 * (length + chunk.length)));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    chunk.copy(bytes, length);
    length += chunk.length;
  };

  return {
    add: (chunk) => {
      if (only === undefined && length === 0) {
        only = chunk;
        return;
      }
      if (only !== undefined) {
        append(only);
        only = undefined;
      }
      append(chunk);
    },
    take: () => only ?? bytes.subarray(0, length),
  };
}

/** The bytes that all large bodies in flight share. */
export type LargeBodyBudget = Readonly<{
  /** Takes bytes for a body; returns false, and takes nothing, if too few are left. */
  take: (bytes: number) => boolean;
  giveBack: (bytes: number) => void;
}>;

export function createLargeBodyBudget(): LargeBodyBudget {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > LARGE_BODIES_BYTES) {
        return false;
      }
      taken += bytes;
      return true;
    },
    giveBack: (bytes) => {
      taken -= bytes;
    },
  };
}
