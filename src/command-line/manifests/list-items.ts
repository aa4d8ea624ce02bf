import type { DocumentText } from './documents.ts';

/** A List in parts: the document with an empty `items`, and each item on the lines and columns where it stands. */
export type SplitList = Readonly<{ frame: DocumentText; items: Iterable<DocumentText> }>;

/** A smaller document is parsed as a whole. */
const MIN_SPLIT_CHARACTERS = 64 * 1024;

/** An alias may refer to an anchor in another item. */
const ANCHOR_OR_ALIAS = /(?:^|[\s,[{:-])[&*][^\s,[\]{}&*]/m;

const ITEMS_OF_YAML = /^items:[ \t]*\r?\n/m;
/** Before its items, a List may have metadata. */
const ITEMS_OF_JSON = /^\s*\{(?:[^{[]|\{[^{}]*\})*?"items"\s*:\s*\[/;

/**
 * Splits a large List as kubectl prints it, so that its items are parsed one after another. Undefined if the document is
 * small or is no such List.
 */
export function splitList(document: DocumentText): SplitList | undefined {
  const { text } = document;
  if (text.length < MIN_SPLIT_CHARACTERS) {
    return undefined;
  }
  return /^\s*\{/.test(text) ? splitJsonList(document) : splitYamlList(document);
}

function splitYamlList({ text, line }: DocumentText): SplitList | undefined {
  const start = ITEMS_OF_YAML.exec(text);
  if (start === null || ANCHOR_OR_ALIAS.test(text)) {
    return undefined;
  }
  const lines = text.split('\n');
  const first = text.slice(0, start.index).split('\n').length;
  const indentation = /^ *(?=- )/.exec(lines[first] ?? '')?.[0];
  if (indentation === undefined) {
    return undefined;
  }
  const ends = lines.findIndex((line, index) => index >= first && !isWithin(line, indentation));
  const end = ends === -1 ? lines.length : ends;
  const frame = [
    ...lines.slice(0, first - 1),
    'items: []',
    ...Array(end - first).fill(''),
    ...lines.slice(end),
  ];
  return { frame: { text: frame.join('\n'), line }, items: listItems() };

  function* listItems(): Generator<DocumentText, void> {
    for (let from = first; from < end; ) {
      let to = from + 1;
      while (to < end && !isItemStart(lines[to] ?? '', indentation ?? '')) {
        to += 1;
      }
      // The dash becomes a blank, so that every field keeps its column.
      const item = [lines[from]?.replace('-', ' '), ...lines.slice(from + 1, to)];
      yield { text: item.join('\n'), line: line + from };
      from = to;
    }
  }
}

function isItemStart(line: string, indentation: string): boolean {
  return line.startsWith(`${indentation}-`) && /^[\s]?$/.test(line[indentation.length + 1] ?? '');
}

function isWithin(line: string, indentation: string): boolean {
  return isItemStart(line, indentation) || line.startsWith(`${indentation} `) || /^\s*(?:#|$)/.test(line);
}

function splitJsonList({ text, line }: DocumentText): SplitList | undefined {
  const start = ITEMS_OF_JSON.exec(text)?.[0].length;
  const end = start === undefined ? undefined : findEndOfArray(text, start);
  if (start === undefined || end === undefined) {
    return undefined;
  }
  return { frame: { text: text.slice(0, start) + text.slice(end), line }, items: listItems(start, end) };

  function* listItems(from: number, to: number): Generator<DocumentText, void> {
    let [counted, lines] = [0, line];
    for (const [start, end] of findElements(text, from, to)) {
      lines += text.slice(counted, start).split('\n').length - 1;
      counted = start;
      const column = start - (text.lastIndexOf('\n', start) + 1);
      yield { text: ' '.repeat(column) + text.slice(start, end), line: lines };
    }
  }
}

/** Yields the start and the end of each element of an array, whose text stands between two positions. */
function* findElements(text: string, from: number, to: number): Generator<readonly [number, number], void> {
  for (let start = from; start < to; ) {
    const end = findEnd(text, start, to);
    const blank = text.slice(start, end).search(/\S/);
    if (blank !== -1) {
      yield [start + blank, end];
    }
    start = end + 1;
  }
}

function findEndOfArray(text: string, start: number): number | undefined {
  for (let at = start; at < text.length; ) {
    at = findEnd(text, at, text.length);
    if (text[at] === ']') {
      return at;
    }
    at += 1;
  }
  return undefined;
}

/** The position of the comma or bracket that ends the element at `start`; `limit` if there is none. */
function findEnd(text: string, start: number, limit: number): number {
  let depth = 0;
  for (let at = start; at < limit; at++) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (depth === 0 && (character === ',' || character === ']' || character === '}')) {
      return at;
    } else if (character === '}' || character === ']') {
      depth -= 1;
    }
  }
  return limit;
}

function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at !== -1 && isEscaped(text, at)) {
    at = text.indexOf('"', at + 1);
  }
  return at === -1 ? text.length : at;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') {
    slashes += 1;
  }
  return slashes % 2 === 1;
}
