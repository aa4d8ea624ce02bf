import type { Readable } from 'node:stream';

/** The first bytes of a stream as text, and whether it had no more. */
export type StreamText = Readonly<{ text: string; isWhole: boolean }>;

/**
 * Reads at most `maxBytes` of a stream as text.
 *
 * @param rest `discard` reads on to the end, so that a connection can be used again; `abort` ends the stream at once
 */
export async function readText(
  stream: Readable,
  maxBytes: number,
  rest: 'discard' | 'abort',
): Promise<StreamText> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes <= maxBytes) {
      chunks.push(chunk);
    } else if (rest === 'abort') {
      // Leaving the loop destroys the stream.
      break;
    }
  }
  return { text: Buffer.concat(chunks).toString(), isWhole: bytes <= maxBytes };
}

/**
 * Yields the lines of a stream.
 *
 * @throws if a line has more than `maxCharacters`, or the stream ends in the middle of a line
 */
export async function* readLines(stream: Readable, maxCharacters: number): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const [end = '', ...next] = String(chunk).split('\n');
    parts.push(end);
    length += end.length;
    for (const beginning of next) {
      const line = parts.join('');
      parts = [beginning];
      length = beginning.length;
      if (line !== '') {
        yield line;
      }
    }
    if (length > maxCharacters) {
      throw new Error(`a line has more than ${maxCharacters} characters`);
    }
  }
  if (length > 0) {
    throw new Error('the stream ended in the middle of a line');
  }
}
