/** Whether a whole text matches a compiled glob. */
export type GlobMatcher = (text: string) => boolean;

/** Whether a pattern has a `*`; without one it is an exact name. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

/**
 * Whether a whole text matches a pattern, in which `*` matches any number of characters and every other character matches
 * itself, case-sensitively. The pattern needs no compiled form, so that it takes no memory but its text.
 *
 * Searches the pieces between the stars from left to right, each at its first occurrence. There is no need to try a later
 * one, because the first leaves the most room for the rest. So a pattern such as `*a*a*a*b` costs at most one pass over
 * the text for each piece.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const firstStar = pattern.indexOf('*');
  if (firstStar === -1) {
    return pattern === text;
  }
  const lastStar = pattern.lastIndexOf('*');
  const end = text.length - (pattern.length - lastStar - 1);
  if (end < firstStar || !isSameAt(pattern, 0, text, 0, firstStar)) {
    return false;
  }
  if (!isSameAt(pattern, lastStar + 1, text, end, text.length - end)) {
    return false;
  }

  let position = firstStar;
  let star = firstStar;
  while (star < lastStar) {
    const next = pattern.indexOf('*', star + 1);
    const found = text.indexOf(pattern.slice(star + 1, next), position);
    if (found === -1) {
      return false;
    }
    position = found + next - star - 1;
    star = next;
  }
  return position <= end;
}

/** Compares without a copy of either part: a namespace can have tens of thousands of patterns. */
function isSameAt(a: string, aFrom: number, b: string, bFrom: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (a.charCodeAt(aFrom + index) !== b.charCodeAt(bFrom + index)) {
      return false;
    }
  }
  return true;
}

/** Compiles several globs into one matcher that is true if any of them matches. */
export function compileGlobs(patterns: readonly string[]): GlobMatcher {
  const exact = new Set(patterns.filter((pattern) => !isGlob(pattern)));
  const globs = patterns.filter(isGlob);
  return (text) => exact.has(text) || globs.some((glob) => matchesGlob(glob, text));
}

/**
 * Whether some text matches two patterns. If both have a star, a text can hold the middle of one after the middle of the
 * other, so that only their beginnings and their ends can exclude each other.
 */
export function havePatternsCommonMatch(a: string, b: string): boolean {
  if (!isGlob(a)) {
    return matchesGlob(b, a);
  }
  if (!isGlob(b)) {
    return matchesGlob(a, b);
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
