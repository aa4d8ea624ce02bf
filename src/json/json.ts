/** A JSON object with unknown values. Read a key that Object.prototype may have by `own`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty object if it is not one. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value of an object's own property; undefined if it has none of that name. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The value as an array; an empty array if it is not one. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string; an empty string if it is not one. */
export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An object or array inside a JSON value. */
export type JsonNode = Readonly<{
  value: object;
  /** The keys of an object; none for an array. Listed once, because that is the slowest step of a walk. */
  keys: readonly string[];
  /** Its key in `parent`; empty for the root. */
  key: string | number;
  /** Undefined for the root. */
  parent: JsonNode | undefined;
}>;

type Pending = Readonly<{ value: object; key: string | number; parent: JsonNode | undefined }>;

/**
 * Yields the objects and arrays of a JSON value in the order in which they are written, the root first. Does not recurse
 * at any depth, and stops when its caller does.
 *
 * @param isEntered whether to visit the object or array under this key of an object
 */
export function* walkJson(
  root: unknown,
  isEntered: (key: string, parent: JsonNode) => boolean = () => true,
): Generator<JsonNode, void> {
  const pending: Pending[] = [];
  const enter = (value: unknown, key: string | number, parent?: JsonNode) => {
    const isContainer = typeof value === 'object' && value !== null;
    if (isContainer && (parent === undefined || typeof key === 'number' || isEntered(key, parent))) {
      pending.push({ value, key, parent });
    }
  };

  enter(root, '');
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value } = next;
    const node = { ...next, keys: isObject(value) ? Object.keys(value) : [] };
    yield node;
    // The node that is pushed last is visited first.
    if (isObject(value)) {
      for (const key of node.keys.toReversed()) {
        enter(value[key], key, node);
      }
    } else {
      const items = asArray(value);
      for (let index = items.length - 1; index >= 0; index--) {
        enter(items[index], index, node);
      }
    }
  }
}

/** The path from the root to a node; only its last `maxKeys` keys if it is longer. */
export function pathOf(node: JsonNode, maxKeys: number): readonly (string | number)[] {
  const keys: (string | number)[] = [];
  for (let { key, parent } = node; parent !== undefined && keys.length < maxKeys; { key, parent } = parent) {
    keys.push(key);
  }
  return keys.reverse();
}
