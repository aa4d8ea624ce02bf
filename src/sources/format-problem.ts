import type { AllowlistProblem } from '../policy/parse-allowlist.ts';
import { printable } from '../policy/printable.ts';
import type { Position } from './yaml-document.ts';

/** A place in a file. */
export type Place = Readonly<{ file: string; position: Position }>;

/** What lies somewhere: its path in its document, and where its parts stand. */
export type Placed = Readonly<{ path: string; placeOf: (path: readonly PropertyKey[]) => Place }>;

/** A problem of an object on one line: `file:line:column: path: expected …, found …`. */
export function formatProblem(
  { path: prefix, placeOf }: Placed,
  { path, expected, found }: AllowlistProblem,
): string {
  const inner = formatPath(path);
  const separator = prefix === '' || inner === '' || inner.startsWith('[') ? '' : '.';
  const where = `${prefix}${separator}${inner}` || '(document)';
  return `${formatPlace(placeOf(path))}: ${where}: expected ${expected}, found ${found}`;
}

export function formatPlace({ file, position }: Place): string {
  return `${file}:${position.line}:${position.column}`;
}

export function formatPath(path: readonly PropertyKey[]): string {
  return path.map(formatKey).join('').replace(/^\./, '');
}

function formatKey(key: PropertyKey): string {
  if (typeof key === 'number') {
    return `[${key}]`;
  }
  const name = String(key);
  return /^[\w-]+$/.test(name) ? `.${name}` : `["${printable(name)}"]`;
}
