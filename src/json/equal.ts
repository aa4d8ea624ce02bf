import { isObject, own } from './json.ts';
import { type JsonNode, walkJson } from './walk.ts';

/** Whether two JSON values are equal, in any order of their keys. */
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

/** Compares the kind, the keys and the plain values. The walk compares deeper levels later. */
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
 * Returns a text that is the same for two JSON values if, and only if, they are equal, in any order of their keys.
 * Undefined if the value holds more than `maxValues`. Works level by level and does not recurse.
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
  // JSON.parse reads 1e400 as Infinity, which JSON.stringify would write as null.
  return { line: typeof value === 'number' ? String(value) : String(JSON.stringify(value)), inner: [] };
}
