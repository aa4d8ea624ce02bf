import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runUntil } from '../src/run-until.ts';

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
  const steps = await runUntil(startedAt + 100, workOn());
  clearInterval(others);
  assert.ok(performance.now() - startedAt >= 100);
  assert.ok(steps > 1);
  assert.ok(turns > 1);
});

test('gives work that begins after the deadline one step', async () => {
  assert.equal(await runUntil(performance.now() - 1, workOn()), 1);
});

test('returns what work ends with before the deadline', async () => {
  const work = (function* (): Generator<undefined, string, boolean> {
    yield;
    return 'done';
  })();
  assert.equal(await runUntil(performance.now() + 60_000, work), 'done');
});
