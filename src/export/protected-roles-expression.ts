import { foldPattern, MAX_EXAMINED_CHARACTERS } from '../policy/names.ts';
import { buildGlobsExpression, celAsciiText } from './cel.ts';

/** Every character beyond ASCII that folds to text with an ASCII letter (a test compares them with all of Unicode). */
const FOLDED_TO_ASCII =
  '\u00df\u0130\u0131\u0149\u017f\u01f0\u1e96\u1e97\u1e98\u1e99\u1e9a\u212a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06';

/** The characters that role names have, in lower case. */
const IN_ROLES = "'[a-z0-9._@-]+'";

/**
 * A CEL expression that is true if a value has more characters than are compared. It is denied under every action: its
 * comparison may cost more than the API server allows an expression.
 */
export function buildTooLongExpression(value: string): string {
  return `${value}.size() > ${MAX_EXAMINED_CHARACTERS}`;
}

/** The text in CEL that is compared with protected roles, as compileProtectedRoles() folds it. */
export function buildFoldingExpression(value: string): string {
  const replacements = Array.from(
    FOLDED_TO_ASCII,
    (character) => `.replace(${celAsciiText(character)}, ${celAsciiText(foldPattern(character))})`,
  );
  return `${value}.lowerAscii()\n  ${replacements.join('\n  ')}\n  .findAll(${IN_ROLES}).join('')`;
}

/** A CEL expression that is true if a folded value matches a protected role. */
export function buildProtectedExpression(folded: string, protectedRoles: readonly string[]): string {
  return buildGlobsExpression(folded, protectedRoles.map(foldPattern));
}
