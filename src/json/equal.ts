import { isObject } from './json.ts';

/** Whether two JSON values are equal, in any order of their keys. Does not recurse, and stops at the first difference. */
export function isSameJson(first: unknown, second: unknown): boolean {
  const pending: unknown[] = [first, second];
  while (pending.length > 0) {
    const b = pending.pop();
    const a = pending.pop();
    if (a !== b && !isSameLevel(a, b, pending)) {
      return false;
    }
  }
  return true;
}

/** Compares the kind and the keys, and adds the pairs of values that are not equal at once. */
function isSameLevel(a: unknown, b: unknown, pending: unknown[]): boolean {
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) {
      return false;
    }
    for (const [index, item] of a.entries()) {
      addPair(item, b[index], pending);
    }
    return true;
  }
  if (!isObject(a) || !isObject(b)) {
    return false;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) {
    return false;
  }
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) {
      return false;
    }
    addPair(a[key], b[key], pending);
  }
  return true;
}

function addPair(a: unknown, b: unknown, pending: unknown[]): void {
  if (a !== b) {
    pending.push(a, b);
  }
}

/** How much of a JSON value is written as a text. */
export type CanonicalBounds = Readonly<{ values: number; characters: number }>;

/**
 * Returns a text that is the same for two JSON values if, and only if, they are equal, in any order of their keys.
 * Undefined if the value exceeds its bounds. Works level by level and does not recurse.
 */
export function canonicalJson(root: unknown, bounds: CanonicalBounds): string | undefined {
  const lines: string[] = [];
  const values = [root];
  let characters = 0;
  for (const value of values) {
    const keys = isObject(value) ? Object.keys(value) : [];
    const count = Array.isArray(value) ? value.length : keys.length;
    characters += typeof value === 'string' ? value.length : 0;
    if (values.length + count > bounds.values || characters > bounds.characters) {
      return undefined;
    }
    const { line, inner } = describeLevel(value, keys.sort());
    characters += line.length;
    lines.push(line);
    for (const item of inner) {
      values.push(item);
    }
  }
  return lines.join('\n');
}

function describeLevel(
  value: unknown,
  keys: readonly string[],
): Readonly<{ line: string; inner: readonly unknown[] }> {
  if (Array.isArray(value)) {
    return { line: `[${value.length}`, inner: value };
  }
  if (isObject(value)) {
    return { line: `{${JSON.stringify(keys)}`, inner: keys.map((key) => value[key]) };
  }
  // JSON.parse reads 1e400 as Infinity, which JSON.stringify would write as null.
  return { line: typeof value === 'number' ? String(value) : String(JSON.stringify(value)), inner: [] };
}
