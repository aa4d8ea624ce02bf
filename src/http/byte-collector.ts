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
