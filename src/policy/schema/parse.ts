import type * as z from 'zod';
import { asObject, isObject } from '../../json/json.ts';
import { nearest } from '../../text/edit-distance.ts';
import { quoted } from '../../text/printable.ts';
import { describeValue, failure, type Problem, type Result, success } from '../../text/problem.ts';
import { roleNameOfArn } from '../names.ts';
import { type Allowlist, allowlistSchema } from './allowlist.ts';
import { FIELDS, shortenForSchema } from './bounds.ts';
import { hasTooManyLabels, LABELS_WORDS } from './label-selector.ts';
import { findPrunedNulls, stripNulls } from './nulls.ts';

/** Why an object is not an allowlist. */
export type AllowlistProblems = Readonly<{
  problems: readonly Problem[];
  /** The number of further problems. */
  more: number;
}>;

/** More than for other values: there are few fields, and their names are long. */
const MAX_FIELD_TYPOS = 3;

/** Parses a RamRoleAllowlist, or returns its problems, at most `most` of them. Never throws. */
export function parseAllowlist(
  value: unknown,
  most = Number.POSITIVE_INFINITY,
): Result<Allowlist, AllowlistProblems> {
  const result = allowlistSchema.safeParse(shortenForSchema(withoutExcessLabels(stripNulls(value))));
  const unseen = [...findUnseenLabels(value), ...findExcessLabels(value), ...findPrunedNulls(value)];
  if (result.success && unseen.length === 0) {
    return success({ name: result.data.metadata.name, spec: result.data.spec });
  }

  const all = [...findProblems(result.error?.issues ?? [], value), ...unseen.map((problem) => () => problem)];
  const problems = all.slice(0, most).map((describe) => describe());
  return failure({ problems, more: Math.max(0, all.length - most) });
}

/** Zod drops a key `__proto__` of a map without a problem, and a selector without its label would select more. */
function findUnseenLabels(root: unknown): Problem[] {
  const path = ['spec', 'namespaceSelector', 'matchLabels'];
  const labels = valueAt(root, path);
  return isObject(labels) && Object.hasOwn(labels, '__proto__')
    ? [{ path: [...path, '__proto__'], expected: 'a label key', found: quoted('__proto__') }]
    : [];
}

/**
 * Yields the problems of a value as functions that describe them. There may be hundreds, and describing them takes more
 * time than finding them.
 */
function* findProblems(issues: readonly z.core.$ZodIssue[], root: unknown): Generator<() => Problem, void> {
  let previous: z.core.$ZodIssue | undefined;
  for (const issue of issues) {
    if (previous === undefined || !isSameProblem(issue, previous)) {
      yield* toProblems(issue, root, suggestField);
    }
    previous = issue;
  }
}

/** Zod checks the length of a string as that of an array, so that one value can have the same problem twice. */
function isSameProblem(a: z.core.$ZodIssue, b: z.core.$ZodIssue): boolean {
  return (
    a.message === b.message &&
    a.path.length === b.path.length &&
    a.path.every((key, index) => key === b.path[index])
  );
}

/** The problems of one issue of zod with a value. `suggest` ends the sentence about an unknown field. */
export function* toProblems(
  issue: z.core.$ZodIssue,
  root: unknown,
  suggest: (key: string, path: readonly PropertyKey[]) => string,
): Generator<() => Problem, void> {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      yield () => ({
        path: [...path, key],
        expected: 'no such field',
        found: quoted(key) + suggest(key, path),
      });
    }
  } else if (issue.code === 'invalid_key') {
    for (const { message } of issue.issues) {
      yield () => ({ path, expected: message, found: describeFound(path.at(-1)) });
    }
  } else {
    yield () => ({ path, expected: issue.message, found: describeFound(valueAt(root, path)) });
  }
}

function suggestField(key: string, path: readonly PropertyKey[]): string {
  const suggestion = nearest(key, FIELDS.get(path.join('.')) ?? [], MAX_FIELD_TYPOS);
  return suggestion === undefined ? '' : `: did you mean ${suggestion}?`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}

// Zod checks every entry of a map before it counts them, so that too many are found without it.

/** Returns the problem of a namespaceSelector with too many labels, in an object of any form. */
export function findExcessLabels(root: unknown): Problem[] {
  const path = ['spec', 'namespaceSelector', 'matchLabels'];
  return hasTooManyLabels(selectorOf(root)) ? [{ path, expected: LABELS_WORDS, found: 'an object' }] : [];
}

/** Removes all labels from a namespaceSelector that has too many of them. */
export function withoutExcessLabels(root: unknown): unknown {
  const selector = selectorOf(root);
  if (!hasTooManyLabels(selector)) {
    return root;
  }
  const namespaceSelector = { ...asObject(selector), matchLabels: {} };
  return { ...asObject(root), spec: { ...asObject(asObject(root)['spec']), namespaceSelector } };
}

function selectorOf(root: unknown): unknown {
  return asObject(asObject(root)['spec'])['namespaceSelector'];
}

/** Describes the value that was found; for an ARN, with the role name to use instead. */
function describeFound(value: unknown): string {
  const roleName = typeof value === 'string' ? roleNameOfArn(value) : undefined;
  return roleName === undefined
    ? describeValue(value)
    : `the ARN ${describeValue(value)}: use the role name ${quoted(roleName)}`;
}
