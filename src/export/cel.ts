import { isAnything, isGlob } from '../policy/glob.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../policy/label-selector.ts';
import { foldPattern, MAX_EXAMINED_CHARACTERS } from '../policy/names.ts';

/** Characters that may break out of a CEL literal, or out of the YAML around it: quotes, backslashes, all that is unprintable. */
const UNSAFE = /[\\']|(?! )[\p{C}\p{Z}]/gu;

const NOT_ASCII = /[^\x20-\x7e]/gu;

/** A text as a CEL literal. No part of the text is read as CEL, and the literal stays on one line. */
export function celText(text: string): string {
  return `'${text.replace(UNSAFE, escapeCharacter)}'`;
}

/** The same with every character beyond ASCII escaped, so that a reader can tell apart those that look alike. */
export function celAsciiText(text: string): string {
  return celText(text).replace(NOT_ASCII, escapeCharacter);
}

/** Texts as a literal list of CEL. */
export function celTexts(texts: readonly string[]): string {
  return `[${texts.map(celText).join(', ')}]`;
}

function escapeCharacter(character: string): string {
  if (character === '\\' || character === "'") {
    return `\\${character}`;
  }
  const codePoint = Number(character.codePointAt(0));
  // CEL has no escape for half a surrogate pair; JSON turns one into U+FFFD.
  const isHalfAPair = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return `\\U${(isHalfAPair ? 0xfffd : codePoint).toString(16).padStart(8, '0')}`.replace('\\U0000', '\\u');
}

const PREFIX = /^[^*]+(?=\*+$)/;

/** Tells whether a pattern needs a regular expression, which costs far more than a name or a prefix: its `*` is not at its end. */
export function needsRegularExpression(pattern: string): boolean {
  return isGlob(pattern) && !isAnything(pattern) && !PREFIX.test(pattern);
}

/**
 * A CEL expression that is true if a text matches one of some names and globs, as in compileGlobs.
 *
 * @param text a CEL expression of a text without line feeds, to which a method can be appended
 * @param patterns of letters, digits and `. _ @ - *` alone
 */
export function buildGlobsExpression(text: string, patterns: readonly string[]): string {
  if (patterns.some(isAnything)) {
    return 'true';
  }
  const distinct = [...new Set(patterns)];
  const names = distinct.filter((pattern) => !isGlob(pattern));
  const prefixes = distinct.flatMap((pattern) => PREFIX.exec(pattern) ?? []);
  const others = distinct.filter(needsRegularExpression).map(toRegularExpression);
  const terms = [
    ...(names.length > 0 ? [`${text} in ${celTexts(names)}`] : []),
    ...prefixes.map((prefix) => `${text}.startsWith(${celText(prefix)})`),
    ...(others.length > 0 ? [`${text}.matches(${celText(`^(${others.join('|')})$`)})`] : []),
  ];
  const [only = 'false'] = terms;
  return terms.length > 1 ? `(${terms.join(' || ')})` : only;
}

function toRegularExpression(glob: string): string {
  return glob.replaceAll('.', '[.]').replaceAll(/\*+/g, '.*');
}

/** A CEL expression that is true if a map of labels meets a selector, as in compileLabelSelector. */
export function buildLabelsExpression(
  labels: string,
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
): string {
  const terms = [
    ...Object.entries(matchLabels).map(([key, value]) => requireIn(labels, key, [value])),
    ...matchExpressions.map((requirement) => buildRequirement(labels, requirement)),
  ];
  return terms.length === 0 ? 'true' : `(${terms.join(' && ')})`;
}

function buildRequirement(labels: string, { key, operator, values = [] }: LabelSelectorRequirement): string {
  switch (operator) {
    case 'In':
      return requireIn(labels, key, values);
    case 'NotIn':
      return `!${requireIn(labels, key, values)}`;
    case 'Exists':
      return requireKey(labels, key);
    case 'DoesNotExist':
      return `!(${requireKey(labels, key)})`;
  }
}

function requireIn(labels: string, key: string, values: readonly string[]): string {
  return `(${requireKey(labels, key)} && ${labels}[${celText(key)}] in ${celTexts(values)})`;
}

function requireKey(labels: string, key: string): string {
  return `${celText(key)} in ${labels}`;
}

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
