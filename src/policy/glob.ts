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

  const { first, last } = literalEnds(pattern);
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

/**
 * Tells whether some text matches two patterns. Where both have a star the text may have whatever the two ask for in
 * the middle, one after the other, so that only their beginnings and their ends can be at odds.
 */
export function havePatternsCommonMatch(a: string, b: string): boolean {
  if (!isGlob(a)) {
    return compileGlob(b)(a);
  }
  if (!isGlob(b)) {
    return compileGlob(a)(b);
  }
  const [ours, theirs] = [literalEnds(a), literalEnds(b)];
  return (
    (ours.first.startsWith(theirs.first) || theirs.first.startsWith(ours.first)) &&
    (ours.last.endsWith(theirs.last) || theirs.last.endsWith(ours.last))
  );
}

/** What a glob asks for before its first star and after its last. */
function literalEnds(glob: string): Readonly<{ first: string; last: string }> {
  return { first: glob.slice(0, glob.indexOf('*')), last: glob.slice(glob.lastIndexOf('*') + 1) };
}

/** Tells whether a pattern matches every name there can be. */
export function isAnything(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}
