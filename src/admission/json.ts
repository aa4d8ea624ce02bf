/** The value as a list, an empty one where it is none. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a text, an empty one where it is none. */
export function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
