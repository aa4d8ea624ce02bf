import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createExpiryTimer } from '../../../../src/sources/cluster/report.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const YEAR_MS = 365 * 86_400_000;

suite('the timer of expiries', () => {
  for (const after of [1, 5_000, 3 * YEAR_MS]) {
    test(`fires once, ${after} ms ahead`, (t) => {
      t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
      let fired = 0;
      createExpiryTimer(() => fired++).set(NOW + after);
      t.mock.timers.tick(after - 1);
      assert.equal(fired, 0);
      t.mock.timers.tick(1);
      assert.equal(fired, 1);
      t.mock.timers.tick(YEAR_MS);
      assert.equal(fired, 1);
    });
  }

  test('forgets the time before, and fires no more once closed', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
    let fired = 0;
    const timer = createExpiryTimer(() => fired++);
    timer.set(NOW + 1_000);
    timer.set(Number.POSITIVE_INFINITY);
    t.mock.timers.tick(2_000);
    timer.set(NOW + 5_000);
    timer.close();
    t.mock.timers.tick(10_000);
    assert.equal(fired, 0);
  });
});
