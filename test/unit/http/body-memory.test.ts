import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createBodyMemory } from '../../../src/http/body-memory.ts';

const KIB = 1024;
const BLOCK = 16 * KIB;
const MIB = 1024 * KIB;
const EMPTY = Buffer.alloc(0);
const chunk = fc
  .tuple(fc.oneof(fc.nat(10), fc.nat(40 * KIB), fc.nat(3 * MIB)), fc.nat(255))
  .map(([length, byte]) => Buffer.alloc(length, byte));

/** A memory of some blocks, and bodies that note when they are evicted. */
function start(blocks: number) {
  const memory = createBodyMemory(blocks * BLOCK);
  const evicted: string[] = [];
  return { evicted, open: (name: string) => memory.open(() => evicted.push(name)) };
}

suite('the memory of bodies', () => {
  test('joins the chunks of each body, with a last one or without, in rounds of several bodies', () => {
    const memory = createBodyMemory();
    const body = fc.record({
      chunks: fc.array(chunk, { maxLength: 5 }),
      last: fc.option(chunk, { nil: EMPTY }),
      isReleased: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(body, { maxLength: 4 }), (bodies) => {
        const held = bodies.map(() => memory.open(() => assert.fail('evicted')));
        for (let turn = 0; turn < 5; turn++) {
          for (const [index, { chunks }] of bodies.entries()) {
            held[index]?.add(chunks[turn] ?? EMPTY);
          }
        }
        for (const [index, { chunks, last, isReleased }] of bodies.entries()) {
          if (isReleased) {
            held[index]?.release();
          } else {
            assert(held[index]?.take(last).equals(Buffer.concat([...chunks, last])));
          }
        }
      }),
    );
  });

  test('holds a hundred thousand tiny chunks in little more than their bytes', () => {
    for (const [blocks, names] of [
      [7, []],
      [6, ['tiny']],
    ] as const) {
      const { evicted, open } = start(blocks);
      const body = open('tiny');
      for (let count = 0; count < 100_000 && evicted.length === 0; count++) {
        body.add(Buffer.from('x'));
      }
      assert.deepEqual(evicted, names);
    }
  });

  test('evicts the oldest bodies until the rest has room', () => {
    const { evicted, open } = start(9);
    const [first, second, third] = [open('first'), open('second'), open('third')];
    first.add(Buffer.alloc(BLOCK));
    second.add(Buffer.alloc(3 * BLOCK));
    third.add(Buffer.alloc(4 * BLOCK));
    first.add(Buffer.alloc(BLOCK));
    assert.deepEqual(evicted, []);
    third.add(Buffer.alloc(3 * BLOCK, 'x'));
    assert.deepEqual(evicted, ['first', 'second']);
    third.add(Buffer.alloc(2 * BLOCK));
    assert.deepEqual(evicted, ['first', 'second']);
    assert.equal(third.take(EMPTY).length, 9 * BLOCK);
  });

  test('has the bytes of a released body again, once', () => {
    const { evicted, open } = start(2);
    const [first, second] = [open('first'), open('second')];
    first.add(Buffer.alloc(2 * BLOCK));
    first.release();
    first.release();
    second.add(Buffer.alloc(2 * BLOCK));
    assert.deepEqual(evicted, []);
    second.add(Buffer.alloc(1));
    assert.deepEqual(evicted, ['second']);
  });

  test('evicts a body that is too large for all of it', () => {
    const { evicted, open } = start(2);
    open('huge').add(Buffer.alloc(3 * BLOCK));
    assert.deepEqual(evicted, ['huge']);
  });

  test('gives its pages back when it holds no body', () => {
    const memory = createBodyMemory();
    const bodies = [0, 1, 2].map(() => memory.open(() => undefined));
    const before = process.memoryUsage.rss();
    for (const body of bodies) {
      body.add(Buffer.alloc(20 * MIB, 'x'));
    }
    const held = process.memoryUsage.rss() - before;
    for (const body of bodies) {
      body.release();
    }
    const after = process.memoryUsage.rss() - before;
    assert.ok(held - after > 50 * MIB, `${held / MIB} MiB more, then ${after / MIB}`);
  });
});
