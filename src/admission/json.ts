import type { JsonObject } from '../policy/json-object.ts';

/** The value as a list, an empty one where it is none. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a text, an empty one where it is none. */
export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value of an object's own property, undefined where it has none of that name. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
