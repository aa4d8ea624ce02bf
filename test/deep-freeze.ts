/** Freezes a value and all that it holds, so that a test fails where something changes its inputs. */
export function deepFreeze<T>(value: T): T {
  const pending: unknown[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'object' && next !== null && !Object.isFrozen(next)) {
      Object.freeze(next);
      pending.push(...Object.values(next).filter((child) => child !== undefined));
    }
  }
  return value;
}
