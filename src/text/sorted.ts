/** The first of some texts in their order, each once, without sorting all of them. */
export function firstSorted(texts: Iterable<string>, max: number): readonly string[] {
  const first: string[] = [];
  for (const text of texts) {
    const last = first.at(-1);
    if (first.length === max && last !== undefined && text >= last) {
      continue;
    }
    const index = first.findIndex((other) => text <= other);
    if (first[index] === text) {
      continue;
    }
    first.splice(index === -1 ? first.length : index, 0, text);
    first.length = Math.min(first.length, max);
  }
  return first;
}

/** The index of an item among sorted ones, or where to insert it: after all that are before it. */
export function positionOf<Item>(sorted: readonly Item[], isBefore: (other: Item) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = sorted[middle];
    if (other !== undefined && isBefore(other)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
