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

/** Does the work in slices, between which everything else gets its turn. */
export async function runTimeSliced<Result>(work: TimeSliced<Result>): Promise<Result> {
  for (;;) {
    const sliceEnd = performance.now() + SLICE_MS;
    while (performance.now() < sliceEnd) {
      const step = work.next();
      if (step.done) {
        return step.value;
      }
    }
    await nextTurn();
  }
}
