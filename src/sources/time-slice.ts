import { setImmediate as nextTurn } from 'node:timers/promises';

/** The longest that a request waits for a slice of work. */
const SLICE_MS = 10;

/** Work that can be interrupted at each yield. */
export type TimeSliced<Result> = Generator<undefined, Result>;

/** Does all of the work without interruption. */
export function runToEnd<Result>(work: TimeSliced<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
  }
}

/** Does the work in slices, between which other work gets its turn. */
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
