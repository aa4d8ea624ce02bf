import { MAX_SHOWN_CHARACTERS, quoted } from './printable.ts';

/** Something that is wrong with a value: where, and in words what was expected there and what was found. */
export type Problem = Readonly<{
  path: readonly PropertyKey[];
  /** Completes the sentence "expected …". */
  expected: string;
  /** Completes the sentence "found …". */
  found: string;
}>;

/** A value, or why there is none. */
export type Result<Value, Failure> =
  | Readonly<{ ok: true; value: Value }>
  | Readonly<{ ok: false; problem: Failure }>;

export function success<Value>(value: Value): Readonly<{ ok: true; value: Value }> {
  return { ok: true, value };
}

export function failure<Failure>(problem: Failure): Readonly<{ ok: false; problem: Failure }> {
  return { ok: false, problem };
}

/** A problem in the one form that files, status, warnings and the command line share. */
export function formatProblem({ path, expected, found }: Problem): string {
  const where = formatPath(path);
  return `${where === '' ? '' : `${where}: `}expected ${expected}, found ${found}`;
}

/** The path of a part of an object as users write it: `spec.roles[2]`. */
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

/** A value as a problem shows it: short, on one line, its kind if its content would not help. */
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
