import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatTimeLeft } from '../../../src/text/printable.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

suite('formatTimeLeft', () => {
  const cases = [
    { milliseconds: 1, text: '1s' },
    { milliseconds: SECOND, text: '1s' },
    { milliseconds: 59_999, text: '59s' },
    { milliseconds: MINUTE, text: '1min' },
    { milliseconds: MINUTE + SECOND, text: '1min 1s' },
    { milliseconds: HOUR, text: '1h' },
    { milliseconds: HOUR + SECOND, text: '1h' },
    { milliseconds: HOUR + 20 * MINUTE + 5 * SECOND, text: '1h 20min' },
    { milliseconds: DAY, text: '1d' },
    { milliseconds: DAY + 59 * MINUTE, text: '1d' },
    { milliseconds: 5 * DAY + 3 * HOUR + 7 * MINUTE, text: '5d 3h' },
    { milliseconds: 400 * DAY + 23 * HOUR, text: '400d 23h' },
  ];

  for (const { milliseconds, text } of cases) {
    test(`is ${text} for ${milliseconds} ms`, () => {
      assert.equal(formatTimeLeft(milliseconds), text);
    });
  }
});
