import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doInSlices } from '../../src/sources/interruptible.ts';

/** Works until it is told to come to its end. */
function* workOn(): Generator<undefined, number, boolean> {
  for (let steps = 1; ; steps++) {
    if (yield) {
      return steps;
    }
  }
}

test('tells work to come to its end at the deadline, and lets others have their turn before it', async () => {
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const startedAt = performance.now();
  const steps = await doInSlices(workOn(), startedAt + 100);
  clearInterval(others);
  assert.ok(performance.now() - startedAt >= 100);
  assert.ok(steps > 1);
  assert.ok(turns > 1);
});

test('gives work that begins after the deadline one step', async () => {
  assert.equal(await doInSlices(workOn(), performance.now() - 1), 1);
});

test('returns what work ends with before the deadline', async () => {
  const work = (function* (): Generator<undefined, string, boolean> {
    yield;
    return 'done';
  })();
  assert.equal(await doInSlices(work, performance.now() + 60_000), 'done');
});
