import {
  Composer,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
} from 'yaml';
import { errorMessage } from '../../text/printable.ts';
import type { TimeSliced } from '../time-slice.ts';

/** Parsing a mebibyte takes about a second, most of it for lexemes; it can be interrupted after so many of them. */
const LEXEMES_PER_STEP = 256;

/** A line and column, both from 1. */
export type Position = Readonly<{ line: number; column: number }>;

/** A document of a file: its value, and the positions of its parts. */
export type YamlDocument = Readonly<{
  value: unknown;
  /** The position of the value at a path; that of its nearest parent if there is none. */
  positionOf: (path: readonly PropertyKey[]) => Position;
}>;

const START: Position = { line: 1, column: 1 };

/** A syntax error. */
export type YamlProblem = Readonly<{ position: Position; message: string }>;

/** The documents of a file, and its syntax errors. */
export type ParsedYaml = Readonly<{ documents: readonly YamlDocument[]; problems: readonly YamlProblem[] }>;

/** How a file is read. */
export type YamlOptions = Readonly<{
  /** Whether `<<` merges maps, as kubectl reads manifests. The fields of an allowlist stand in it, so its files do not. */
  merge?: boolean;
}>;

/** Parses the YAML documents of a file; JSON is YAML too. Empty documents are left out. */
export function* parseYaml(text: string, options: YamlOptions = {}): TimeSliced<ParsedYaml> {
  const lines = new LineCounter();
  const toPosition = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };

  const documents: YamlDocument[] = [];
  const problems: YamlProblem[] = [];
  let current = START;
  try {
    for (const document of yield* compose(text, lines, options)) {
      yield;
      current = toPosition(offsetOf(document, []));
      const found = [...document.errors, ...document.warnings];
      problems.push(...found.map(({ pos, message }) => ({ position: toPosition(pos[0]), message })));
      if (found.length === 0 && !isEmpty(document.contents)) {
        documents.push(toDocument(document, toPosition));
      }
    }
  } catch (error) {
    // An alias that has no anchor, or that would expand to too much memory.
    problems.push({ position: current, message: errorMessage(error) });
  }
  return { documents, problems };
}

/** Does the same as parseAllDocuments of the library, but can be interrupted. */
function* compose(
  text: string,
  lines: LineCounter,
  { merge = false }: YamlOptions,
): TimeSliced<readonly Document.Parsed[]> {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, stringKeys: true, merge });
  const documents: Document.Parsed[] = [];
  let lexemes = 0;

  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      documents.push(...composer.next(token));
    }
    lexemes++;
    if (lexemes % LEXEMES_PER_STEP === 0) {
      yield;
    }
  }
  for (const token of parser.end()) {
    documents.push(...composer.next(token));
  }
  documents.push(...composer.end());
  return documents;
}

function isEmpty(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function toDocument(document: Document.Parsed, toPosition: (offset: number) => Position): YamlDocument {
  return {
    value: document.toJS(),
    positionOf: (path) => toPosition(offsetOf(document, path)),
  };
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: Node | null = document.contents;
  let offset = startOf(node) ?? document.range[0];
  for (const key of path) {
    const pair: Pair | undefined = isMap(node) ? node.items.find((item) => keyOf(item) === key) : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(key)] : pair?.value;
    // A field without a value, or with an alias as its value, has the position of its key.
    offset = startOf(next) ?? startOf(pair?.key) ?? offset;
    node = isNode(next) ? next : null;
  }
  return offset;
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? String(key.value) : key;
}

function startOf(node: unknown): number | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) ? range[0] : undefined;
}
