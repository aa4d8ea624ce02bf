import { foldCase } from '../policy/policy.ts';
import { buildGlobsExpression, celAsciiText } from './cel.ts';

/**
 * Every character beyond ASCII that folds to text with an ASCII letter (a test compares them with all of Unicode). Only a
 * `*` can match the others, folded or not.
 */
const FOLDED_TO_ASCII =
  '\u00df\u0130\u0131\u0149\u017f\u01f0\u1e96\u1e97\u1e98\u1e99\u1e9a\u212a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06';

/** In RE2 the white space of JavaScript's `\s` is `\p{Z}`, and controls. */
const NOT_IGNORED = String.raw`'[^\\p{Z}\\p{Cc}\\p{Cf}]+'`;

/**
 * A longer value is denied under every action: its comparison with protected roles may cost more than the API server allows
 * an expression, and no role has such a name.
 */
export const MAX_EXAMINED_CHARACTERS = 1_024;

/** The text in CEL that compileProtectedRoles compares: a value without the ignored characters, its case folded. */
export function buildFoldingExpression(value: string): string {
  const replacements = Array.from(
    FOLDED_TO_ASCII,
    (character) => `.replace(${celAsciiText(character)}, ${celAsciiText(foldCase(character))})`,
  );
  return `${value}.findAll(${NOT_IGNORED}).join('').lowerAscii()\n  ${replacements.join('\n  ')}`;
}

/** A CEL expression that is true if a folded value matches a protected role. */
export function buildProtectedExpression(folded: string, protectedRoles: readonly string[]): string {
  return buildGlobsExpression(folded, protectedRoles.map(foldCase));
}
