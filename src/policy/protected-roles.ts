import { compileGlobs } from './glob.ts';

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
