import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createExpiryTimer } from '../../../../src/sources/cluster/expiry-timer.ts';
import { allowlistOf } from '../../../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const YEAR_MS = 365 * 86_400_000;

const expiringIn = (milliseconds: number) =>
  allowlistOf('a', { expiresAt: new Date(NOW + milliseconds).toISOString(), reason: 'incident' });

suite('the timer of expiries', () => {
  const cases = [
    { name: 'the first of several', allowlists: [expiringIn(60_000), expiringIn(5_000)], after: 5_000 },
    { name: 'one years ahead', allowlists: [expiringIn(3 * YEAR_MS)], after: 3 * YEAR_MS },
    {
      name: 'one to come, beside one that has expired',
      allowlists: [expiringIn(0), expiringIn(7_000)],
      after: 7_000,
    },
  ];
  for (const { name, allowlists, after } of cases) {
    test(`tells of ${name}, at its instant and once`, (t) => {
      t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
      let told = 0;
      createExpiryTimer(() => told++).set(allowlists);
      t.mock.timers.tick(after - 1);
      assert.equal(told, 0);
      t.mock.timers.tick(1);
      assert.equal(told, 1);
      t.mock.timers.tick(YEAR_MS);
      assert.equal(told, 1);
    });
  }

  test('forgets what it was set to before, and tells of nothing once closed', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
    let told = 0;
    const timer = createExpiryTimer(() => told++);
    timer.set([expiringIn(1_000)]);
    timer.set([allowlistOf('b')]);
    t.mock.timers.tick(2_000);
    timer.set([expiringIn(5_000)]);
    timer.close();
    t.mock.timers.tick(10_000);
    assert.equal(told, 0);
  });
});
