/** A body takes memory in blocks of this size, because a buffer of each tiny chunk would take far more than its bytes. */
const BLOCK_BYTES = 16 * 1024;

/** The limit for all unfinished bodies together, so that nobody's bodies can use up the memory. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** The memory grows by this many blocks at once, and keeps as many: usual bodies need no others. */
const GROWTH = 64;

/** The memory that all unfinished bodies share. */
export type BodyMemory = Readonly<{
  /**
   * Opens an unfinished body, which holds nothing yet.
   *
   * @param onEvicted called when the body must go; it holds nothing any more
   */
  open: (onEvicted: () => void) => HeldBody;
}>;

/** An unfinished body. Its bytes count in whole blocks. */
export type HeldBody = Readonly<{
  /** Copies a chunk. If there is no memory left for it, the oldest bodies are evicted; it may be this one. */
  add: (chunk: Buffer) => void;
  /** Returns all bytes, and then those of the chunk that was not added because no other comes. Releases the body. */
  take: (last: Buffer) => Buffer;
  /** Gives back all memory of the body, if it holds any. */
  release: () => void;
}>;

type Blocks = { list: Buffer[]; used: number; readonly onEvicted: () => void };

/**
 * Creates the memory for bodies that are not complete. A complete body is parsed at once and needs none, so it always has
 * room. The oldest body goes first: honest senders need milliseconds, so theirs are the youngest.
 *
 * It is one buffer, which grows and shrinks, because V8 gives its pages back to the system at once. Buffers of single
 * chunks would stay until a collection, which an idle process does not have, and then in the free lists of `malloc`.
 */
export function createBodyMemory(maxBytes = MAX_HELD_BYTES): BodyMemory {
  const maxBlocks = Math.floor(maxBytes / BLOCK_BYTES);
  const least = Math.min(GROWTH, maxBlocks) * BLOCK_BYTES;
  const buffer = new ArrayBuffer(least, { maxByteLength: maxBlocks * BLOCK_BYTES });
  /** Those that hold a block. A Set keeps the order of insertion: the oldest come first. */
  const bodies = new Set<Blocks>();
  let free = blocksFrom(0);
  let held = 0;

  function add(body: Blocks, chunk: Buffer): void {
    for (let copied = 0; copied < chunk.length; ) {
      const offset = body.used % BLOCK_BYTES;
      const block = offset === 0 ? grow(body) : body.list.at(-1);
      if (block === undefined) {
        return;
      }
      const bytes = chunk.copy(block, offset, copied);
      body.used += bytes;
      copied += bytes;
    }
  }

  /** Returns the new block; undefined if the body itself was the oldest. */
  function grow(body: Blocks): Buffer | undefined {
    bodies.add(body);
    if (held === maxBlocks) {
      const [oldest = body] = bodies;
      release(oldest);
      oldest.onEvicted();
      if (oldest === body) {
        return undefined;
      }
    }
    if (free.length === 0) {
      const end = buffer.byteLength;
      buffer.resize(Math.min(end + GROWTH * BLOCK_BYTES, buffer.maxByteLength));
      free = blocksFrom(end);
    }
    const block = free.pop();
    if (block !== undefined) {
      body.list.push(block);
      held++;
    }
    return block;
  }

  function blocksFrom(start: number): Buffer[] {
    const blocks: Buffer[] = [];
    for (let offset = start; offset < buffer.byteLength; offset += BLOCK_BYTES) {
      blocks.push(Buffer.from(buffer, offset, BLOCK_BYTES));
    }
    return blocks;
  }

  function release(body: Blocks): void {
    if (!bodies.delete(body)) {
      return;
    }
    held -= body.list.length;
    free.push(...body.list);
    body.list = [];
    body.used = 0;
    if (held === 0 && buffer.byteLength > least) {
      buffer.resize(least);
      free = blocksFrom(0);
    }
  }

  return {
    open: (onEvicted) => {
      const body: Blocks = { list: [], used: 0, onEvicted };
      return {
        add: (chunk) => add(body, chunk),
        take: (last) => {
          const parts = body.list.map((block, index) => block.subarray(0, body.used - index * BLOCK_BYTES));
          const whole = Buffer.concat([...parts, last]);
          release(body);
          return whole;
        },
        release: () => release(body),
      };
    },
  };
}
