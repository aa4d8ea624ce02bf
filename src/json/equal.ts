import { isObject, own } from './json.ts';
import { type JsonNode, walkJson } from './walk.ts';

/** Tells whether two JSON values are the same, whatever the order of their keys. */
export function isSameJson(first: unknown, second: unknown): boolean {
  if (!isContainer(first)) {
    return first === second;
  }
  const counterparts = new Map<JsonNode, unknown>();
  for (const node of walkJson(first)) {
    const counterpart = node.parent === undefined ? second : valueAt(counterparts.get(node.parent), node.key);
    if (!isSameLevel(node, counterpart)) {
      return false;
    }
    counterparts.set(node, counterpart);
  }
  return true;
}

/** Compares the kind, the keys and the plain values; what lies deeper is compared when the walk gets there. */
function isSameLevel({ value, keys }: JsonNode, other: unknown): boolean {
  if (Array.isArray(value)) {
    return (
      Array.isArray(other) &&
      other.length === value.length &&
      value.every((item, index) => isContainer(item) || item === other[index])
    );
  }
  return (
    isObject(other) &&
    Object.keys(other).length === keys.length &&
    keys.every((key) => {
      const item = valueAt(value, key);
      return Object.hasOwn(other, key) && (isContainer(item) || item === other[key]);
    })
  );
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function valueAt(container: unknown, key: string | number): unknown {
  if (Array.isArray(container)) {
    return container[Number(key)];
  }
  return isObject(container) ? own(container, String(key)) : undefined;
}

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
