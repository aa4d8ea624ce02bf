/** Does work to its end, told at each step whether it is late. */
export function finish<Result>(work: Generator<undefined, Result, boolean>, isLate = false): Result {
  let step = work.next();
  while (!step.done) {
    step = work.next(isLate);
  }
  return step.value;
}
