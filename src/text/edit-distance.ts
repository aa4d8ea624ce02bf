/**
 * The number of edits between two texts: characters inserted, deleted or replaced, or two neighbours swapped. Returns
 * `max + 1` if there are more than `max`.
 */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) {
    return max + 1;
  }

  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    // Cells further from the diagonal than `max` cannot count.
    const first = Math.max(1, row - max);
    const last = Math.min(b.length, row + max);
    const current: number[] = first === 1 ? [row] : Array(first).fill(Number.POSITIVE_INFINITY);
    let least = at(current, first - 1);
    for (let column = first; column <= last; column++) {
      const substitution = a[row - 1] === b[column - 1] ? 0 : 1;
      const swap =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? 1 : Number.POSITIVE_INFINITY;
      const cell = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + substitution,
        at(beforePrevious, column - 2) + swap,
      );
      current.push(cell);
      least = Math.min(least, cell);
    }
    if (least > max) {
      return max + 1;
    }
    beforePrevious = previous;
    previous = current;
  }

  return Math.min(at(previous, b.length), max + 1);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

/** The most edits between two values of which one counts as the other, mistyped. */
export const MAX_TYPOS = 2;

/** If more of its characters differ, a value is another word and not a mistyped one. */
const MAX_SHARE_OF_TYPOS = 1 / 3;

/**
 * The candidate with the fewest edits to the value, the first of several. Undefined if all have more edits than `max` or
 * than a third of the value's length.
 */
export function nearest(value: string, candidates: readonly string[], max: number): string | undefined {
  const limit = Math.min(max, Math.floor(value.length * MAX_SHARE_OF_TYPOS));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(value, candidate, limit);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
