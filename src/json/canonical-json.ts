import { isObject } from './json.ts';

/**
 * A text that two JSON values share if, and only if, they are the same, whatever the order of their keys; undefined if
 * the value holds more than `maxValues`. It is written level by level, so that it does not recurse.
 */
export function canonicalJson(root: unknown, maxValues: number): string | undefined {
  const lines: string[] = [];
  const values = [root];
  for (const value of values) {
    const { line, inner } = describeLevel(value);
    if (values.length + inner.length > maxValues) {
      return undefined;
    }
    lines.push(line);
    values.push(...inner);
  }
  return lines.join('\n');
}

function describeLevel(value: unknown): Readonly<{ line: string; inner: readonly unknown[] }> {
  if (Array.isArray(value)) {
    return { line: `[${value.length}`, inner: value };
  }
  if (isObject(value)) {
    const keys = Object.keys(value).sort();
    return { line: `{${JSON.stringify(keys)}`, inner: keys.map((key) => value[key]) };
  }
  // JSON.stringify writes 1e400, which is parsed as infinite, as null.
  return { line: typeof value === 'number' ? String(value) : String(JSON.stringify(value)), inner: [] };
}
