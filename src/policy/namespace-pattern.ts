/** The most characters a namespace's name has. */
export const MAX_NAMESPACE_LENGTH = 63;

/** A namespace's name in which `*` stands for any run of characters. */
export const NAMESPACE_PATTERN = /^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/;

/** Tells whether a value of any type is such a pattern. */
export function isNamespacePattern(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAMESPACE_LENGTH && NAMESPACE_PATTERN.test(value);
}
