import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createByteCollector } from '../../../src/http/byte-collector.ts';

const KIB = 1024;
const chunk = fc
  .tuple(fc.oneof(fc.nat(10), fc.nat(40 * KIB)), fc.nat(255))
  .map(([length, byte]) => Buffer.alloc(length, byte));

suite('a byte collector', () => {
  test('joins all chunks, with a last one or without', () => {
    fc.assert(
      fc.property(fc.array(chunk), fc.option(chunk, { nil: undefined }), (chunks, last) => {
        const collector = createByteCollector();
        for (const chunk of chunks) {
          collector.add(chunk);
        }
        if (last !== undefined) {
          collector.addLast(last);
        }
        const all = Buffer.concat([...chunks, last ?? Buffer.alloc(0)]);
        assert.equal(collector.size(), all.length);
        assert(collector.take().equals(all));
      }),
    );
  });

  test('counts the memory that it takes, and takes little more than the bytes', () => {
    const collector = createByteCollector();
    let grown = 0;
    for (let count = 0; count < 100_000; count++) {
      grown += collector.add(Buffer.from('x'));
    }
    assert(grown >= 100_000 && grown <= 100_000 + 16 * KIB, `${grown}`);
  });

  test('copies no body that comes in one chunk', () => {
    const chunk = Buffer.from('x');
    for (const add of ['add', 'addLast'] as const) {
      const collector = createByteCollector();
      collector[add](chunk);
      assert.equal(collector.take(), chunk);
    }
  });
});
