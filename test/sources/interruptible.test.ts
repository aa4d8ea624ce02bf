import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTimeSliced } from '../../src/sources/time-slice.ts';

/** Works until it is told to come to its end. */
function* workOn(): Generator<undefined, number, boolean> {
  for (let steps = 1; ; steps++) {
    if (yield) {
      return steps;
    }
  }
}

test('lets others have their turn while it works', async () => {
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const work = (function* (): Generator<undefined, string, boolean> {
    while (turns < 2) {
      yield;
    }
    return 'others had their turn';
  })();
  assert.equal(await runTimeSliced(work), 'others had their turn');
  clearInterval(others);
});

test('tells work to come to its end at the deadline, and not before', async () => {
  const deadline = performance.now() + 100;
  await runTimeSliced(workOn(), deadline);
  assert.ok(performance.now() >= deadline);
});

test('gives work that begins after the deadline one step', async () => {
  assert.equal(await runTimeSliced(workOn(), performance.now() - 1), 1);
});

test('returns what work ends with before the deadline', async () => {
  const work = (function* (): Generator<undefined, string, boolean> {
    yield;
    return 'done';
  })();
  assert.equal(await runTimeSliced(work, performance.now() + 60_000), 'done');
});
