import type { Readable } from 'node:stream';

/** Reads a whole stream as text. Resolves to undefined, and ends the stream, if it has more than `maxBytes`. */
export async function readTextUpTo(stream: Readable, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) {
      // Leaving the loop destroys the stream.
      return undefined;
    }
  }
  return Buffer.concat(chunks).toString();
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
