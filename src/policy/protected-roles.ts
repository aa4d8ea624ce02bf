import { compileGlobs } from './glob.ts';

const IGNORED = /[\s\p{Cc}\p{Cf}]/gu;

/**
 * Compiles the globs of the roles that no allowlist can open. The comparison ignores case, since RAM probably
 * does, and whitespace, control and format characters in the value, which something between us and RAM may drop.
 */
export function compileProtectedRoles(patterns: readonly string[]): (role: string) => boolean {
  const matches = compileGlobs(patterns.map(foldCase));
  return (role) => matches(foldCase(role.replace(IGNORED, '')));
}

/** Upper and then lower case, so that letters with several lower-case forms (such as ſ and s) compare equal. */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}
