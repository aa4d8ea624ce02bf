/** Chunks are copied into blocks of this size, because a buffer of each tiny one would take far more than its bytes. */
const BLOCK_BYTES = 16 * 1024;

const EMPTY = Buffer.alloc(0);

/** Joins the chunks of a body as they arrive, so that a million tiny ones take no more memory than their bytes. */
export type ByteCollector = Readonly<{
  /** Adds a chunk; returns the number of bytes by which the memory of the collector has grown. */
  add: (chunk: Buffer) => number;
  /** Adds the chunk after which no other comes, without a copy. */
  addLast: (chunk: Buffer) => void;
  /** The number of bytes so far. */
  size: () => number;
  /** All bytes; nothing may be added after. */
  take: () => Buffer;
  /** Forgets all bytes. */
  clear: () => void;
}>;

export function createByteCollector(): ByteCollector {
  let parts: Buffer[] = [];
  let size = 0;
  /** The last part, if it is a block, and the number of bytes in it. */
  let block = EMPTY;
  let used = 0;

  const append = (chunk: Buffer): number => {
    let grown = 0;
    for (let copied = 0; copied < chunk.length; ) {
      if (used === block.length) {
        block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
        parts.push(block);
        used = 0;
        grown += BLOCK_BYTES;
      }
      const bytes = chunk.copy(block, used, copied);
      used += bytes;
      copied += bytes;
    }
    return grown;
  };

  /** Ends the last block. */
  const seal = () => {
    if (used < block.length) {
      parts.splice(-1, 1, block.subarray(0, used));
      block = EMPTY;
      used = 0;
    }
  };

  return {
    add: (chunk) => {
      size += chunk.length;
      if (parts.length > 0) {
        return append(chunk);
      }
      parts.push(chunk);
      return chunk.length;
    },
    addLast: (chunk) => {
      size += chunk.length;
      seal();
      parts.push(chunk);
    },
    size: () => size,
    take: () => {
      seal();
      const [first = EMPTY] = parts;
      return parts.length > 1 ? Buffer.concat(parts, size) : first;
    },
    clear: () => {
      parts = [];
      block = EMPTY;
    },
  };
}

/** The limit for all unfinished bodies together, so that nobody's bodies can use up the memory. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** An unfinished body, as the budget knows it. */
export type HeldBody = {
  /** The bytes that it holds; changed by the budget only. */
  bytes: number;
  /** Called when the body must go. The budget has released it before. */
  readonly onEvicted: () => void;
};

/** The bytes that all unfinished bodies share. */
export type BodyBudget = Readonly<{
  /** Counts more bytes of a body. When they are too many for all, the oldest bodies are evicted. */
  hold: (body: HeldBody, bytes: number) => void;
  /** Gives back all bytes of a body, if it holds any. */
  release: (body: HeldBody) => void;
}>;

/**
 * Creates a budget for the bytes of bodies that are not complete. A complete body is parsed at once and needs none, so
 * it always has room. The oldest body goes first: honest senders need milliseconds, so theirs are the youngest.
 */
export function createBodyBudget(maxBytes = MAX_HELD_BYTES): BodyBudget {
  // A Set keeps the order of insertion: the oldest come first.
  const bodies = new Set<HeldBody>();
  let held = 0;

  const release = (body: HeldBody) => {
    if (bodies.delete(body)) {
      held -= body.bytes;
      body.bytes = 0;
    }
  };

  return {
    hold: (body, bytes) => {
      bodies.add(body);
      body.bytes += bytes;
      held += bytes;
      for (const oldest of bodies) {
        if (held <= maxBytes) {
          break;
        }
        release(oldest);
        oldest.onEvicted();
      }
    },
    release,
  };
}
