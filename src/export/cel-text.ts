/** What may break out of a CEL literal, or out of the YAML around it: what ends or escapes a literal, and all that is unprintable. */
const UNSAFE = /[\\']|(?! )[\p{C}\p{Z}]/gu;

const NOT_ASCII = /[^\x20-\x7e]/gu;

/** A text as a CEL literal. Whatever the text holds, nothing of it is read as CEL, and it stays on its line. */
export function celText(text: string): string {
  return `'${text.replace(UNSAFE, escapeCharacter)}'`;
}

/** The same with every character beyond ASCII escaped, so that a reader sees which of several that look alike is meant. */
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
  // CEL has no escape for half a surrogate pair; what JSON makes of one is U+FFFD.
  const isHalfAPair = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return `\\U${(isHalfAPair ? 0xfffd : codePoint).toString(16).padStart(8, '0')}`.replace('\\U0000', '\\u');
}
