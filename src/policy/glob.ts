/** Whether a whole text matches a compiled glob. */
export type GlobMatcher = (text: string) => boolean;

/** Whether a pattern has a `*`; without one it is an exact name. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

/**
 * Compiles a glob, in which `*` matches any number of characters and every other character matches itself. The match is
 * anchored at both ends and case-sensitive.
 *
 * Searches the pieces between the stars from left to right, each at its first occurrence. There is no need to try a later
 * one, because the first leaves the most room for the rest. So a pattern such as `*a*a*a*b` costs at most one pass over
 * the text for each piece.
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

/** Compiles several globs into one matcher that is true if any of them matches. */
export function compileGlobs(patterns: readonly string[]): GlobMatcher {
  const exact = new Set(patterns.filter((pattern) => !isGlob(pattern)));
  const matchers = patterns.filter(isGlob).map(compileGlob);
  return (text) => exact.has(text) || matchers.some((matches) => matches(text));
}

/**
 * Whether some text matches two patterns. If both have a star, a text can hold the middle of one after the middle of the
 * other, so that only their beginnings and their ends can exclude each other.
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

/** The text of a glob before its first star and after its last. */
function literalEnds(glob: string): Readonly<{ first: string; last: string }> {
  return { first: glob.slice(0, glob.indexOf('*')), last: glob.slice(glob.lastIndexOf('*') + 1) };
}

/** Whether a pattern matches every name. */
export function isAnything(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}
