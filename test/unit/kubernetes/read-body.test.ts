import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { readLines, readText } from '../../../src/kubernetes/read-body.ts';

const streamOf = (...chunks: readonly string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

suite('readText', () => {
  test('reads a text of as many bytes as it may have', async () => {
    for (const rest of ['abort', 'discard'] as const) {
      const read = await readText(streamOf('ab', 'ü'), 4, rest);
      assert.deepEqual(read, { text: 'abü', isWhole: true });
    }
  });

  test('ends a stream that has more', async () => {
    const stream = streamOf('ab', 'cd', 'ef');
    assert.deepEqual(await readText(stream, 3, 'abort'), { text: 'ab', isWhole: false });
    assert.deepEqual([stream.destroyed, stream.readableEnded], [true, false]);
  });

  test('discards the rest of a stream up to its end', async () => {
    const stream = streamOf('ab', 'cd', 'ef');
    assert.deepEqual(await readText(stream, 3, 'discard'), { text: 'ab', isWhole: false });
    assert.equal(stream.readableEnded, true);
  });
});

suite('readLines', () => {
  const cases = [
    { name: 'of one chunk', chunks: ['a\nb\n'], lines: ['a', 'b'] },
    { name: 'across chunks', chunks: ['a', 'b', 'c\nd', '\n'], lines: ['abc', 'd'] },
    { name: 'but no empty ones', chunks: ['\n\na\n\n'], lines: ['a'] },
    { name: 'of an empty stream', chunks: [], lines: [] },
  ];
  for (const { name, chunks, lines } of cases) {
    test(`yields the lines ${name}`, async () => {
      assert.deepEqual(await Array.fromAsync(readLines(streamOf(...chunks), 10)), lines);
    });
  }

  test('fails in the middle of a line', async () => {
    await assert.rejects(Array.fromAsync(readLines(streamOf('a\nb'), 10)), {
      message: 'the stream ended in the middle of a line',
    });
  });

  test('fails at a line that is too long, before its end', async () => {
    await assert.rejects(Array.fromAsync(readLines(streamOf('aaaa', 'aaaa', 'aaaa'), 10)), {
      message: 'a line has more than 10 characters',
    });
  });
});
