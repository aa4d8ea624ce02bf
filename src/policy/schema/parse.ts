import type * as z from 'zod';
import { asObject, isObject } from '../../json/json.ts';
import { nearest } from '../../text/edit-distance.ts';
import { quoted } from '../../text/printable.ts';
import { describeValue, failure, type Problem, type Result, success } from '../../text/problem.ts';
import { roleNameOfArn } from '../names.ts';
import { type Allowlist, allowlistSchema } from './allowlist.ts';
import { hasTooManyLabels, LABELS_WORDS, labelSelectorSchema } from './label-selector.ts';
import { findPrunedNulls, stripNulls } from './nulls.ts';

/** Why an object is not an allowlist. */
export type AllowlistProblems = Readonly<{
  problems: readonly Problem[];
  /** How many problems there are beyond those asked for. */
  more: number;
}>;

/** More than for other values: there are few fields, and their names are long. */
const MAX_FIELD_TYPOS = 3;

const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(allowlistSchema.shape)],
  ['spec', Object.keys(allowlistSchema.shape.spec.shape)],
  ['spec.namespaceSelector', Object.keys(labelSelectorSchema.shape)],
]);

/** Parses a RamRoleAllowlist, or reports all of its problems at once, at most `most` of them. Never throws. */
export function parseAllowlist(
  value: unknown,
  most = Number.POSITIVE_INFINITY,
): Result<Allowlist, AllowlistProblems> {
  const result = allowlistSchema.safeParse(withoutExcessLabels(stripNulls(value)));
  const unseen = [...findUnseenLabels(value), ...findExcessLabels(value), ...findPrunedNulls(value)];
  if (result.success && unseen.length === 0) {
    return success({ name: result.data.metadata.name, spec: result.data.spec });
  }

  const all = [...findProblems(result.error?.issues ?? [], value), ...unseen.map((problem) => () => problem)];
  const problems = all.slice(0, most).map((inWords) => inWords());
  return failure({ problems, more: Math.max(0, all.length - most) });
}

/** Zod drops a key `__proto__` of a map unseen, and a selector that lost its label would select more. */
function findUnseenLabels(root: unknown): Problem[] {
  const path = ['spec', 'namespaceSelector', 'matchLabels'];
  const labels = valueAt(root, path);
  return isObject(labels) && Object.hasOwn(labels, '__proto__')
    ? [{ path: [...path, '__proto__'], expected: 'a label key', found: quoted('__proto__') }]
    : [];
}

/**
 * Finds each problem that the schema has with a value. Each is put in words where it is asked for: there may be a
 * hundred thousand, and more time goes into their words than into finding them.
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

/** A text has a length as a list has one, so that it may be found too long for a list beside being none. */
function isSameProblem(a: z.core.$ZodIssue, b: z.core.$ZodIssue): boolean {
  return (
    a.message === b.message &&
    a.path.length === b.path.length &&
    a.path.every((key, index) => key === b.path[index])
  );
}

/** The problems of one issue that a schema has with a value. `suggest` ends the sentence about an unknown field. */
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

// Zod looks at every entry of a map before it counts them: too many are told without it.

/** Tells of more labels in the selector of what claims to be an allowlist than there may be. */
export function findExcessLabels(root: unknown): Problem[] {
  const path = ['spec', 'namespaceSelector', 'matchLabels'];
  return hasTooManyLabels(selectorOf(root)) ? [{ path, expected: LABELS_WORDS, found: 'an object' }] : [];
}

/** The same object without any labels in its selector where there are too many. */
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

/** The value that was found; an ARN shows its role name, which is what should stand there. */
function describeFound(value: unknown): string {
  const roleName = typeof value === 'string' ? roleNameOfArn(value) : undefined;
  return roleName === undefined
    ? describeValue(value)
    : `the ARN ${describeValue(value)}: use the role name ${quoted(roleName)}`;
}
