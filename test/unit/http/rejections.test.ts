import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRejectionLog } from '../../../src/http/rejections.ts';
import { createLoggerTo } from '../../../src/observability/logger.ts';

suite('the log of rejections', () => {
  test('has at most ten lines a second, and the next one has the number of those left out', () => {
    let now = 500;
    const lines: { omitted?: number; count: number }[] = [];
    const logger = createLoggerTo({ write: (line) => lines.push(JSON.parse(line)) }, 'info');
    const log = createRejectionLog(logger, () => now);
    let described = 0;
    for (let count = 0; count < 1_000; count++) {
      log('warn', 'rejected', () => ({ count: described++ }));
    }
    assert.deepEqual([lines.length, described], [10, 10]);

    now = 1_000;
    log('error', 'rejected', () => ({ count: 11 }));
    log('warn', 'rejected', () => ({ count: 12 }));
    assert.deepEqual(
      lines.slice(10).map(({ count, omitted }) => [count, omitted]),
      [
        [11, 990],
        [12, undefined],
      ],
    );
  });
});
