import { MAX_SHOWN_CHARACTERS, quoted } from './printable.ts';

/** A problem of a value: its path, the expected value and the value found. */
export type Problem = Readonly<{
  path: readonly PropertyKey[];
  /** Completes the sentence "expected …". */
  expected: string;
  /** Completes the sentence "found …". */
  found: string;
}>;

/** A value, or the problem because of which there is none. */
export type Result<Value, Failure> =
  | Readonly<{ ok: true; value: Value }>
  | Readonly<{ ok: false; problem: Failure }>;

export function success<Value>(value: Value): Readonly<{ ok: true; value: Value }> {
  return { ok: true, value };
}

export function failure<Failure>(problem: Failure): Readonly<{ ok: false; problem: Failure }> {
  return { ok: false, problem };
}

/** Formats a problem as files, status, warnings and the command line show it. */
export function formatProblem({ path, expected, found }: Problem): string {
  const location = formatPath(path);
  return `${location === '' ? '' : `${location}: `}expected ${expected}, found ${found}`;
}

/** Formats a path as users write it: `spec.roles[2]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.map(formatKey).join('').replace(/^\./, '');
}

function formatKey(key: PropertyKey): string {
  if (typeof key === 'number') {
    return `[${key}]`;
  }
  const name = String(key);
  return name.length <= MAX_SHOWN_CHARACTERS && /^[\w-]+$/.test(name) ? `.${name}` : `[${quoted(name)}]`;
}

/** Describes a value for a problem: short, on one line, and by its kind if its content would not help. */
export function describeValue(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** An error that the operator can fix. Its message suffices; a stack trace would not help. */
export class UsableError extends Error {
  override name = 'UsableError';
}
