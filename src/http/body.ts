import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestError } from './errors.ts';

/** A legal pod of 1.5 MiB reaches 9 MiB where its texts are full of characters that Go escapes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Of a body that is refused, up to this much is read and thrown away, so that its sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 2 * MAX_BODY_BYTES;

/** Takes a body once it is there, or why there is none. */
export type BodyListener = (body: Buffer | RequestError) => void;

/**
 * Reads the body of a request and tells of it once. A large one takes its declared size from the budget at once, or
 * more as it comes where it declares none, and gives it back when the response has been sent or the connection is gone.
 *
 * There is none where it is too large or encoded, the budget is spent, or the sender went away. A callback,
 * since promises all along the way cost 6 to 8 % of a whole request.
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
  let refusal = refuseEncoding(request) ?? makeRoomFor(declared);
  let body = createByteCollector(refusal ? 0 : declared);

  request.on('data', onData);
  request.once('end', finish);
  request.once('error', onError);

  function onData(chunk: Buffer): void {
    size += chunk.length;
    refusal ??= makeRoomFor(size);
    if (refusal === undefined) {
      body.add(chunk);
    } else if (size > MAX_DISCARDED_BYTES) {
      finish();
    } else {
      body = createByteCollector(0);
    }
  }

  function makeRoomFor(bytes: number): RequestError | undefined {
    if (bytes > MAX_BODY_BYTES) {
      return new RequestError('body-too-large', `expected a body of at most ${MAX_BODY_BYTES} bytes`);
    }
    if (bytes <= SMALL_BODY_BYTES || bytes <= reserved) {
      return undefined;
    }
    if (!budget.take(bytes - reserved)) {
      return new RequestError('large-bodies', 'too many large bodies at once; try again');
    }
    if (reserved === 0) {
      response.once('close', () => budget.giveBack(reserved));
    }
    reserved = bytes;
    return undefined;
  }

  function finish(): void {
    stop();
    onBody(refusal ?? body.take());
  }

  function onError(): void {
    stop();
    onBody(new RequestError('aborted', 'the body ended before its end'));
  }

  function stop(): void {
    request.off('data', onData);
    request.off('end', finish);
    request.off('error', onError);
    // An error may still come, such as the end of the connection; without a listener it would end the process.
    request.on('error', () => undefined);
  }
}

function refuseEncoding({ headers }: IncomingMessage): RequestError | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity'
    ? undefined
    : new RequestError('content-type', 'expected a body without content encoding');
}

/** Joins the chunks of a body as they come, so that a million tiny ones take no more than their bytes. */
export type ByteCollector = Readonly<{
  add: (chunk: Buffer) => void;
  /** All bytes so far; nothing may be added after. */
  take: () => Buffer;
}>;

const EMPTY = Buffer.alloc(0);

/** @param expected how many bytes will come, 0 where that is not known */
export function createByteCollector(expected: number): ByteCollector {
  // A body that comes in one piece, as most do, is never copied.
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

/** Bodies up to this size are never made to wait. */
export const SMALL_BODY_BYTES = 256 * 1024;

/** How much larger bodies may take together, so that one tenant's cannot starve the memory of all. */
const LARGE_BODIES_BYTES = 64 * 1024 * 1024;

/** A budget of bytes that all large bodies in flight share. */
export type LargeBodyBudget = Readonly<{
  /** Takes bytes for a body; false, and nothing taken, where too little is left. */
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
