/** A JSON object of which nothing is known yet. A key that Object.prototype has must be asked for as an own one. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object, an empty one if it is none: an odd value counts as nothing. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value of an object's own property, undefined if it has none of that name. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The value as a list, an empty one if it is none. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string, an empty one if it is none. */
export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
