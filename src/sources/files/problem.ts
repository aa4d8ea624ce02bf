import { formatProblem, type Problem } from '../../text/problem.ts';
import type { Position } from './yaml.ts';

/** A position in one of several files. */
export type FilePosition = Position & Readonly<{ file: string }>;

/** The location of an object: its path in its document, and the positions of its parts. */
export type ObjectLocation = Readonly<{
  path: readonly PropertyKey[];
  positionOf: (path: readonly PropertyKey[]) => FilePosition;
}>;

/** A problem on one line, `file:line:column: path: expected …, found …`, and its position. */
export type FileProblem = Readonly<{ position: FilePosition; line: string }>;

/** Locates a problem of an object, whose path is relative to the object, in its file. */
export function toFileProblem(object: ObjectLocation, problem: Problem): FileProblem {
  const path = [...object.path, ...problem.path];
  const position = object.positionOf(problem.path);
  const prefix = path.length === 0 ? '(document): ' : '';
  return { position, line: `${formatPosition(position)}: ${prefix}${formatProblem({ ...problem, path })}` };
}

/** Orders the problems of one file from its top to its end. */
export function byPosition({ position: a }: FileProblem, { position: b }: FileProblem): number {
  return a.line - b.line || a.column - b.column;
}

export function formatPosition({ file, line, column }: FilePosition): string {
  return `${file}:${line}:${column}`;
}
