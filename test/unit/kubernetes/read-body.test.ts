import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import { readLines, readTextUpTo } from '../../../src/kubernetes/read-body.ts';

const streamOf = (...chunks: readonly string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

suite('readTextUpTo', () => {
  test('reads a text of as many bytes as it may have', async () => {
    assert.equal(await readTextUpTo(streamOf('ab', 'ü'), 4), 'abü');
  });

  test('ends a stream that has more', async () => {
    const stream = streamOf('ab', 'cd', 'ef');
    assert.equal(await readTextUpTo(stream, 3), undefined);
    assert.equal(stream.destroyed, true);
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
