import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
} from 'yaml';
import { errorMessage } from '../files/error-message.ts';

/** A line and column, both from 1. */
export type Position = Readonly<{ line: number; column: number }>;

/** A document of a file: its value, and where in the file a part of it stands. */
export type YamlDocument = Readonly<{
  value: unknown;
  /** Where the value at a path stands, or what comes nearest to it where there is none. */
  positionOf: (path: readonly PropertyKey[]) => Position;
}>;

/** What keeps a file from being read as YAML. */
export type YamlProblem = Readonly<{ position: Position; message: string }>;

/** Parses a file of YAML documents, or of JSON, which is YAML too. Empty documents are left out. */
export function parseYaml(
  text: string,
): Readonly<{ documents: readonly YamlDocument[]; problems: readonly YamlProblem[] }> {
  const lines = new LineCounter();
  const toPosition = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };

  try {
    const parsed = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })];
    const problems = parsed.flatMap(({ errors, warnings }) =>
      [...errors, ...warnings].map(({ pos, message }) => ({ position: toPosition(pos[0]), message })),
    );
    const documents = parsed.filter(
      ({ contents, errors, warnings }) => !isNothing(contents) && errors.length + warnings.length === 0,
    );
    return { problems, documents: documents.map((document) => toDocument(document, toPosition)) };
  } catch (error) {
    return { documents: [], problems: [{ position: { line: 1, column: 1 }, message: errorMessage(error) }] };
  }
}

function isNothing(contents: unknown): boolean {
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
    // A field without a value, or whose value an alias gives, is found at its key.
    offset = startOf(next) ?? startOf(pair?.key) ?? offset;
    node = (next ?? null) as Node | null;
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
