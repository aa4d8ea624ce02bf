import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');

const COMMENT_LINE = /^\s*(\/\/|\/?\*|#).*$/gm;
/** What is filled in, by a template literal or by Helm. */
const FILLED_IN = /\$\{[^{}]*\}|\{\{.*?\}\}/g;
const HOLE = '\0';
/** A pattern of which more than marks is written out. */
const SAYS_SOMETHING = /[a-z_]{3}/;
/** What parts words, in a sentence as in code. */
const BETWEEN = /[\s"'`]+/;
/** What sticks to a word, in a sentence as in code. */
const AROUND = /^[(,;/]+|[(),;:.]+$/g;
/** Where a text is put together of what stands apart in the source: behind a name, and at the value of a label or field. */
const JOINTS = /…|: |"msg":|":|[?{}=]/;

/** A word of the source: as it stands, or as a pattern where a part of it is filled in. */
export type SourceWord = string | RegExp;

/** All words of the files of some globs, from the project's directory, in their order; not those of comments. */
export function readSourceWords(...globs: readonly string[]): readonly SourceWord[] {
  return globSync(globs, { cwd: PROJECT }).flatMap((path) =>
    parseSourceWords(readFileSync(join(PROJECT, path), 'utf8')),
  );
}

export function parseSourceWords(source: string): readonly SourceWord[] {
  const text = source.replaceAll(COMMENT_LINE, '').replaceAll(FILLED_IN, HOLE).replaceAll('\\"', '"');
  return toWords(text).map((word) =>
    word.includes(HOLE) ? new RegExp(`^${word.split(HOLE).map(RegExp.escape).join('\\S+')}$`) : word,
  );
}

/** The parts of a text that the source does not hold, as they stand or with words of the text filled in. */
export function findUnheldParts(text: string, source: readonly SourceWord[]): readonly string[] {
  return text.split(JOINTS).filter((part) => {
    const words = toWords(part);
    return words.length > 0 && !source.some((_, start) => standsAt(start, words, source));
  });
}

/** Half of the words at the least have to be those of the source, or nearly every text would stand somewhere. */
function standsAt(start: number, words: readonly string[], source: readonly SourceWord[]): boolean {
  if (!words.every((word, index) => isWord(word, source[start + index]))) {
    return false;
  }
  const said = source
    .slice(start, start + words.length)
    .filter((word) => typeof word === 'string' || SAYS_SOMETHING.test(word.source));
  return said.length >= words.length / 2;
}

function isWord(word: string, known: SourceWord | undefined): boolean {
  return known instanceof RegExp ? known.test(word) : known === word;
}

function toWords(text: string): readonly string[] {
  return text
    .split(BETWEEN)
    .map((word) => word.replaceAll(AROUND, ''))
    .filter((word) => word !== '');
}
