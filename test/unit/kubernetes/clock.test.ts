import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startClockCheck } from '../../../src/kubernetes/clock.ts';
import { createLoggerTo } from '../../../src/observability/logger.ts';

const DAY_MS = 86_400_000;

suite('the clock', () => {
  const cases = [
    { offsetMs: undefined, note: undefined },
    { offsetMs: 0, note: undefined },
    { offsetMs: -59_999, note: undefined },
    { offsetMs: -600_000, note: /^the clock is 600 s ahead of the API server's: set it/ },
    { offsetMs: 60_000, note: /^the clock is 60 s behind the API server's/ },
    { offsetMs: -100 * DAY_MS, note: /^the clock is 100 days ahead of the API server's/ },
  ];
  for (const { offsetMs, note } of cases) {
    test(`has ${note ?? 'no note'} where the API server's is ahead by ${offsetMs} ms`, (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] });
      const check = startClockCheck(
        { clockOffsetMs: () => offsetMs },
        createLoggerTo({ write: () => {} }, 'info'),
      );
      const notes = check.notes();
      check.close();
      assert.equal(notes.length, note === undefined ? 0 : 1);
      assert.match(notes[0] ?? '', note ?? /^$/);
    });
  }

  test('is logged when it begins to differ, and when it agrees again', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const lines: string[] = [];
    let offsetMs = 0;
    const write = (line: string) => lines.push(`${JSON.parse(line).level} ${JSON.parse(line).msg}`);
    const check = startClockCheck({ clockOffsetMs: () => offsetMs }, createLoggerTo({ write }, 'info'));
    for (offsetMs of [0, -DAY_MS, -DAY_MS, 0, 0]) {
      t.mock.timers.tick(10_000);
    }
    check.close();
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /^error the clock is 86400 s ahead/);
    assert.match(lines[1] ?? '', /^info the clock agrees with the API server's again/);
  });
});
