import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createLoggerTo } from '../../../../src/observability/logger.ts';
import { createExpiryTimer, createWatchReport } from '../../../../src/sources/cluster/report.ts';

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

suite('the report on the watches', () => {
  function start() {
    const contacts: string[] = [];
    const lines: string[] = [];
    const report = createWatchReport(
      {
        recordContact: (watch) => contacts.push(watch),
        countRestart: (watch, reason) => contacts.push(`${watch} ${reason}`),
        recordSynced: () => undefined,
        recordCrdOutdated: () => undefined,
        recordHeld: () => undefined,
      },
      createLoggerTo({ write: (line) => lines.push(line) }, 'info'),
    );
    return { ...report, contacts, lines };
  }

  test('notes a watch that fails, until it has an answer of its own', () => {
    const { follow, notes } = start();
    const [allowlists, namespaces] = [follow('allowlists'), follow('namespaces')];
    allowlists.onRestart('forbidden', 'ramroleallowlists is forbidden');
    namespaces.onHeartbeat();
    assert.deepEqual(notes(), [
      'the watch of allowlists has failed for 0 s (forbidden): decisions use the last known allowlists; see the log',
    ]);
    allowlists.onHeartbeat();
    assert.deepEqual(notes(), []);
  });

  test('counts and logs by watch', () => {
    const { follow, contacts, lines } = start();
    follow('namespaces').onRestart('idle', 'no event for 150 s');
    follow('allowlists').onHeartbeat();
    assert.deepEqual(contacts, ['namespaces idle', 'allowlists']);
    const { watch, reason, msg } = JSON.parse(lines[0] ?? '');
    assert.deepEqual([watch, reason, msg], ['namespaces', 'idle', 'watch restarted']);
  });
});
