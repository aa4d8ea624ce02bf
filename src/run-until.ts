import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a request may have to wait for a slice of work. */
const SLICE_MS = 10;

/**
 * Does work in slices, between which everything else gets its turn. From the deadline on, in milliseconds as
 * `performance.now()` has them, the work is told to come to its end.
 */
export async function runUntil<Result>(
  deadline: number,
  work: Generator<undefined, Result, boolean>,
): Promise<Result> {
  for (;;) {
    const sliceEnd = performance.now() + SLICE_MS;
    for (let now = performance.now(); now < sliceEnd; now = performance.now()) {
      const step = work.next(now >= deadline);
      if (step.done) {
        return step.value;
      }
    }
    await nextTurn();
  }
}
