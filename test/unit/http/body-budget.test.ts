import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createBodyBudget, type HeldBody } from '../../../src/http/body-budget.ts';

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
