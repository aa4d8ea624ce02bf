import { isAnything, isGlob } from '../policy/glob.ts';
import { celText, celTexts } from './cel-text.ts';

const PREFIX = /^[^*]+(?=\*+$)/;

/** Patterns by what they cost, the cheapest first. */
type SortedPatterns = Readonly<{
  names: readonly string[];
  /** What stands before the stars of globs whose only stars are at the end. */
  prefixes: readonly string[];
  /** A regular expression for all other globs; undefined where there is none. */
  regularExpression: string | undefined;
}>;

/**
 * Says in CEL that a text matches one of some names and globs, as compileGlobs does. A regular expression is used only for
 * globs that are more than a beginning: it costs most.
 *
 * @param expression a CEL expression of a text without line feeds, that may stand before a dot
 * @param patterns of letters, digits and `. _ @ - *` alone
 */
export function buildGlobsExpression(expression: string, patterns: readonly string[]): string {
  if (patterns.some(isAnything)) {
    return 'true';
  }
  const { names, prefixes, regularExpression } = sortPatterns(patterns);
  const terms = [
    ...(names.length > 0 ? [`${expression} in ${celTexts(names)}`] : []),
    ...prefixes.map((prefix) => `${expression}.startsWith(${celText(prefix)})`),
    ...(regularExpression === undefined ? [] : [`${expression}.matches(${celText(regularExpression)})`]),
  ];
  const [only = 'false'] = terms;
  return terms.length > 1 ? `(${terms.join(' || ')})` : only;
}

/** What the API server may count for a variable, a call and whatever else has no length. */
const FIXED_COST = 5;

/**
 * The most that such an expression can cost, in the API server's units: a unit for each name of a list, for ten characters
 * that are compared, and for ten characters by four of a regular expression.
 *
 * @param maxLength of the text, in characters
 */
export function estimateGlobsCost(maxLength: number, patterns: readonly string[]): number {
  if (patterns.some(isAnything)) {
    return 0;
  }
  const { names, prefixes, regularExpression = '' } = sortPatterns(patterns);
  const prefixesCost = prefixes.reduce((sum, { length }) => sum + FIXED_COST + Math.ceil(length / 10), 0);
  const matchCost = Math.ceil((maxLength + 1) / 10) * Math.ceil(regularExpression.length / 4);
  return FIXED_COST + names.length + prefixesCost + matchCost;
}

function sortPatterns(patterns: readonly string[]): SortedPatterns {
  const distinct = [...new Set(patterns)];
  const globs = distinct.filter(isGlob);
  const others = globs.filter((glob) => !PREFIX.test(glob));
  return {
    names: distinct.filter((pattern) => !isGlob(pattern)),
    prefixes: globs.flatMap((glob) => PREFIX.exec(glob) ?? []),
    regularExpression: others.length > 0 ? `^(${others.map(toRegularExpression).join('|')})$` : undefined,
  };
}

function toRegularExpression(glob: string): string {
  return glob.replaceAll('.', '[.]').replaceAll(/\*+/g, '.*');
}
