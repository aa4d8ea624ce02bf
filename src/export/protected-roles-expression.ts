import { foldCase } from '../policy/policy.ts';
import { buildGlobsExpression } from './cel-globs.ts';
import { celAsciiText } from './cel-text.ts';

/**
 * Every character beyond ASCII of which folding makes, or holds, an ASCII letter (a test compares them with all of
 * Unicode): to the others only a `*` can be equal, folded or not.
 */
const FOLDED_TO_ASCII =
  '\u00df\u0130\u0131\u0149\u017f\u01f0\u1e96\u1e97\u1e98\u1e99\u1e9a\u212a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06';

/** In RE2 the white space of JavaScript's `\s` is `\p{Z}`, and controls. */
const NOT_IGNORED = String.raw`'[^\\p{Z}\\p{Cc}\\p{Cf}]+'`;

/**
 * A longer value is refused whatever the actions say: to compare it with protected roles may cost more than the API server
 * allows an expression, and no role has such a name.
 */
export const MAX_EXAMINED_CHARACTERS = 1_024;

/** Says in CEL what compileProtectedRoles compares: a value without what is ignored, its case folded. */
export function buildFoldingExpression(value: string): string {
  const replacements = Array.from(
    FOLDED_TO_ASCII,
    (character) => `.replace(${celAsciiText(character)}, ${celAsciiText(foldCase(character))})`,
  );
  return `${value}.findAll(${NOT_IGNORED}).join('').lowerAscii()\n  ${replacements.join('\n  ')}`;
}

/** Says in CEL that a folded value matches a protected role. */
export function buildProtectedExpression(folded: string, protectedRoles: readonly string[]): string {
  return buildGlobsExpression(folded, protectedRoles.map(foldCase));
}
