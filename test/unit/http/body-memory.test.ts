import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createBodyBudget, createByteCollector, type HeldBody } from '../../../src/http/body-memory.ts';

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

/** A budget of 100 bytes, and bodies that note when they are evicted. */
function start() {
  const evicted: string[] = [];
  const body = (name: string): HeldBody => ({ bytes: 0, onEvicted: () => evicted.push(name) });
  return { budget: createBodyBudget(100), evicted, body };
}

suite('the budget of bodies', () => {
  test('evicts the oldest bodies until the rest has room', () => {
    const { budget, evicted, body } = start();
    const [first, second, third] = [body('first'), body('second'), body('third')];
    budget.hold(first, 10);
    budget.hold(second, 30);
    budget.hold(third, 50);
    budget.hold(first, 10);
    assert.deepEqual(evicted, []);
    budget.hold(third, 25);
    assert.deepEqual(evicted, ['first', 'second']);
    budget.hold(third, 25);
    assert.deepEqual(evicted, ['first', 'second']);
  });

  test('has the bytes of a released body again, once', () => {
    const { budget, evicted, body } = start();
    const [first, second] = [body('first'), body('second')];
    budget.hold(first, 100);
    budget.release(first);
    budget.release(first);
    budget.hold(second, 100);
    assert.deepEqual(evicted, []);
    budget.hold(second, 1);
    assert.deepEqual(evicted, ['second']);
  });

  test('evicts a body that is too large for all of it', () => {
    const { budget, evicted, body } = start();
    budget.hold(body('huge'), 101);
    assert.deepEqual(evicted, ['huge']);
  });
});
