/** Tells whether a whole text matches a compiled glob. */
export type GlobMatcher = (text: string) => boolean;

/** Tells whether a pattern has a `*`; without one it is an exact name. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

/**
 * Compiles a glob, in which `*` matches any run of characters (none included) and every other character
 * matches itself. The match is anchored at both ends and case-sensitive.
 *
 * The pieces between the stars are searched from left to right, each as early as it occurs. That is enough,
 * for an earlier find only leaves more room for the rest; so nothing is ever tried twice, and a pattern such
 * as `*a*a*a*b` costs no more than one pass over the text for each piece.
 */
export function compileGlob(pattern: string): GlobMatcher {
  if (!isGlob(pattern)) {
    return (text) => text === pattern;
  }

  const first = pattern.slice(0, pattern.indexOf('*'));
  const last = pattern.slice(pattern.lastIndexOf('*') + 1);
  const middle = pattern
    .split('*')
    .slice(1, -1)
    .filter((piece) => piece !== '');

  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) {
      return false;
    }

    let position = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, position);
      if (found === -1) {
        return false;
      }
      position = found + piece.length;
    }

    return position <= text.length - last.length;
  };
}

/** Compiles several globs into one matcher that is true where any of them is. */
export function compileGlobs(patterns: readonly string[]): GlobMatcher {
  const exact = new Set(patterns.filter((pattern) => !isGlob(pattern)));
  const matchers = patterns.filter(isGlob).map(compileGlob);
  return (text) => exact.has(text) || matchers.some((matches) => matches(text));
}

/** Tells whether a pattern matches every name there can be. */
export function isAnything(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}
