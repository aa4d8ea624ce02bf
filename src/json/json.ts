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
