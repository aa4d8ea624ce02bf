import { compileGlobs } from './glob.ts';

/** The most characters of a RAM role name. */
export const MAX_ROLE_NAME_LENGTH = 64;

/** The name of a RAM role. RAM's documents disagree on `_` and `@`; this accepts both. */
export const ROLE_NAME = /^[A-Za-z0-9._@-]{1,64}$/;

/** A role name in which `*` matches any number of characters. */
export const ROLE_PATTERN = /^[A-Za-z0-9._@*-]{1,64}$/;

/** Longer than any ARN, even with whitespace around it. */
const MAX_ARN_LENGTH = 1_024;
const ARN = /^acs:ram::[^:]*:role\/(.*)$/i;

/** Whether RAM can have a role of this name. */
export function isRoleName(value: string): boolean {
  return value.length <= MAX_ROLE_NAME_LENGTH && ROLE_NAME.test(value);
}

/**
 * The role name inside a RAM role's ARN (`acs:ram::<account>:role/<name>`); undefined if the text is not an
 * ARN. The annotation takes only names.
 */
export function roleNameOfArn(value: string): string | undefined {
  return value.length > MAX_ARN_LENGTH ? undefined : ARN.exec(value.trim())?.[1]?.trim();
}

/** The most characters of the name of an object or ServiceAccount. */
export const MAX_OBJECT_NAME_LENGTH = 253;

/** The most characters of a namespace's name. */
export const MAX_NAMESPACE_LENGTH = 63;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NAMESPACE_NAME = new RegExp(`^${LABEL}$`);
const POD_NAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** Whether a namespace can have this name: an RFC 1123 label. */
export function isNamespaceName(value: string): boolean {
  return value.length <= MAX_NAMESPACE_LENGTH && NAMESPACE_NAME.test(value);
}

/** Whether a pod can have this name: an RFC 1123 subdomain. */
export function isPodName(value: string): boolean {
  return value.length <= MAX_OBJECT_NAME_LENGTH && POD_NAME.test(value);
}

/** A namespace's name in which `*` matches any number of characters. */
export const NAMESPACE_PATTERN = /^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/;

/** Whether a value of any type is such a pattern. */
export function isNamespacePattern(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAMESPACE_LENGTH && NAMESPACE_PATTERN.test(value);
}

/** The most characters of a value, in code points, that are compared with protected roles. No role has such a name. */
export const MAX_EXAMINED_CHARACTERS = 1_024;

const NOT_IN_PATTERNS = /[^a-z0-9._@*-]/g;

/**
 * Compiles the globs of the roles that no allowlist can allow. Compares the characters that role names have, without case,
 * because RAM probably ignores case, and a program between the API server and RAM may drop any other character. A `*` counts
 * as a character, so that an entry of an allowlist is protected only if all roles are that it matches.
 */
export function compileProtectedRoles(patterns: readonly string[]): (role: string) => boolean {
  const matches = compileGlobs(patterns.map(foldPattern));
  return (role) => matches(foldPattern(role));
}

/** A pattern of protected roles as it is compared. */
export function foldPattern(pattern: string): string {
  return foldCase(firstCharacters(pattern)).replaceAll(NOT_IN_PATTERNS, '');
}

/** The part of an annotation's value that may be a protected role: no role has a `*` in its name. */
export function withoutStars(value: string): string {
  return firstCharacters(value).replaceAll('*', '');
}

/**
 * Upper and then lower case, so that letters with several lower-case forms (such as ſ and s) compare equal. Letters that only
 * look alike, such as fullwidth ones, do not: no program is known to replace them.
 */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

/** By code points, which CEL counts too. Cuts first, because a value may have 16 million characters. */
function firstCharacters(text: string): string {
  return text.length <= MAX_EXAMINED_CHARACTERS
    ? text
    : [...text.slice(0, 2 * MAX_EXAMINED_CHARACTERS)].slice(0, MAX_EXAMINED_CHARACTERS).join('');
}
