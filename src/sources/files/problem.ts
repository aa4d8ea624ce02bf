import { formatPath, type Problem } from '../../text/problem.ts';
import type { Position } from './yaml.ts';

/** A place in a file. */
export type Place = Readonly<{ file: string; position: Position }>;

/** What lies somewhere: its path in its document, and where its parts stand. */
export type Placed = Readonly<{ path: string; placeOf: (path: readonly PropertyKey[]) => Place }>;

/** A problem on one line, `file:line:column: path: expected …, found …`, and where it is. */
export type FileProblem = Readonly<{ place: Place; line: string }>;

/** Puts a problem of an object in words. */
export function toFileProblem(
  { path: prefix, placeOf }: Placed,
  { path, expected, found }: Problem,
): FileProblem {
  const inner = formatPath(path);
  const separator = prefix === '' || inner === '' || inner.startsWith('[') ? '' : '.';
  const where = `${prefix}${separator}${inner}` || '(document)';
  const place = placeOf(path);
  return { place, line: `${formatPlace(place)}: ${where}: expected ${expected}, found ${found}` };
}

/** Orders the problems of one file as its reader meets them. */
export function byPosition({ place: a }: FileProblem, { place: b }: FileProblem): number {
  return a.position.line - b.position.line || a.position.column - b.position.column;
}

export function formatPlace({ file, position }: Place): string {
  return `${file}:${position.line}:${position.column}`;
}
