import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a request may have to wait for a slice of work. */
const SLICE_MS = 10;

/** Work that may be interrupted wherever it yields. */
export type TimeSliced<Result> = Generator<undefined, Result>;

/** Does all of the work before it returns. */
export function runToEnd<Result>(work: TimeSliced<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
  }
}

/**
 * Does the work in slices, between which everything else gets its turn. From the deadline on, in milliseconds as
 * `performance.now()` has them, the work is told to come to its end.
 */
export async function runTimeSliced<Result>(
  work: Generator<undefined, Result, boolean>,
  deadline = Number.POSITIVE_INFINITY,
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
