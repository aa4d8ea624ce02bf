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
