import type { Readable } from 'node:stream';

/**
 * The lines of a stream as they come.
 *
 * @throws where the stream ends in the middle of a line
 */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        yield line;
      }
    }
  }
  if (rest !== '') {
    throw new Error('the stream ended in the middle of a line');
  }
}
