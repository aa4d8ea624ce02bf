import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createHeldDeletions } from '../../../../src/sources/cluster/held-deletions.ts';
import { until } from '../../../support/until.ts';

suite('held deletions', () => {
  test('complete in a moment, but not at once', async () => {
    const completed: string[] = [];
    const deletions = createHeldDeletions((name) => completed.push(name));
    deletions.hold('a');
    deletions.hold('a');
    deletions.completeDue();
    assert.deepEqual(completed, []);
    await until('the deletion', () => completed.length === 1);
    deletions.hold('b');
    await until('the next', () => completed.length === 2);
    assert.deepEqual(completed, ['a', 'b']);
  });

  test('do not complete once they are cancelled', async () => {
    const completed: string[] = [];
    const deletions = createHeldDeletions((name) => completed.push(name));
    deletions.hold('a');
    deletions.hold('b');
    deletions.cancel('a');
    await until('the other one', () => completed.length === 1);
    assert.deepEqual(completed, ['b']);
  });

  test('complete although the timer is late', () => {
    const completed: string[] = [];
    const deletions = createHeldDeletions((name) => completed.push(name));
    deletions.hold('a');
    const end = performance.now() + 60;
    while (performance.now() < end) {
      // Nothing else gets its turn.
    }
    deletions.completeDue();
    deletions.close();
    assert.deepEqual(completed, ['a']);
  });
});
