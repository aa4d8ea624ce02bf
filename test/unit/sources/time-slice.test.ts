import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTimeSliced, type TimeSliced } from '../../../src/sources/time-slice.ts';

test('lets others have their turn while it works', async () => {
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const work = (function* (): TimeSliced<string> {
    while (turns < 2) {
      yield;
    }
    return 'others had their turn';
  })();
  assert.equal(await runTimeSliced(work), 'others had their turn');
  clearInterval(others);
});

test('returns the result of the work', async () => {
  const work = (function* (): TimeSliced<string> {
    yield;
    return 'done';
  })();
  assert.equal(await runTimeSliced(work), 'done');
});
