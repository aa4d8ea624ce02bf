/** Freezes a value and all that it holds, so that a test fails where something changes its inputs. */
export function deepFreeze<T>(value: T): T {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'object' && next !== null && !Object.isFrozen(next)) {
      Object.freeze(next);
      for (const child of Object.values(next)) {
        pending.push(child);
      }
    }
  }
  return value;
}
