import type * as z from 'zod';
import { type Allowlist, allowlistSchema } from './allowlist.ts';
import type { AllowlistProblem } from './allowlist-problem.ts';
import { describeValue } from './describe-value.ts';
import { findDroppedNulls } from './dropped-nulls.ts';
import { nearest } from './edit-distance.ts';
import { findExcessLabels, withoutExcessLabels } from './excess-labels.ts';
import { isObject } from './json-object.ts';
import { labelSelectorSchema } from './label-selector-schema.ts';
import { quoted } from './printable.ts';
import { withoutNulls } from './without-nulls.ts';

/** An allowlist, or everything that is wrong with it. */
export type ParsedAllowlist =
  | Readonly<{ allowlist: Allowlist; problems?: never; more?: never }>
  | Readonly<{
      allowlist?: never;
      problems: readonly AllowlistProblem[];
      /** How many problems there are beyond those asked for. */
      more: number;
    }>;

const MAX_TYPOS = 3;

const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(allowlistSchema.shape)],
  ['spec', Object.keys(allowlistSchema.shape.spec.shape)],
  ['spec.namespaceSelector', Object.keys(labelSelectorSchema.shape)],
]);

/**
 * Parses what claims to be a RamRoleAllowlist and reports all of its problems at once, but for those beyond `most`. Never
 * throws.
 */
export function parseAllowlist(value: unknown, most = Number.POSITIVE_INFINITY): ParsedAllowlist {
  const result = allowlistSchema.safeParse(withoutExcessLabels(withoutNulls(value)));
  const unseen = [...findUnseenLabels(value), ...findExcessLabels(value), ...findDroppedNulls(value)];
  if (result.success && unseen.length === 0) {
    return { allowlist: { name: result.data.metadata.name, spec: result.data.spec } };
  }

  const all = [...findProblems(result.error?.issues ?? [], value), ...unseen.map((problem) => () => problem)];
  return { problems: all.slice(0, most).map((inWords) => inWords()), more: Math.max(0, all.length - most) };
}

/** Zod drops a key `__proto__` of a map unseen, and a selector that lost its label would select more. */
function findUnseenLabels(root: unknown): AllowlistProblem[] {
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
function* findProblems(
  issues: readonly z.core.$ZodIssue[],
  root: unknown,
): Generator<() => AllowlistProblem, void> {
  let previous: z.core.$ZodIssue | undefined;
  for (const issue of issues) {
    if (previous === undefined || !isSameProblem(issue, previous)) {
      yield* toProblems(issue, root);
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

function* toProblems(issue: z.core.$ZodIssue, root: unknown): Generator<() => AllowlistProblem, void> {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      yield () => ({
        path: [...path, key],
        expected: 'no such field',
        found: quoted(key) + suggestField(key, path),
      });
    }
  } else if (issue.code === 'invalid_key') {
    for (const { message } of issue.issues) {
      yield () => ({ path, expected: message, found: describeValue(path.at(-1)) });
    }
  } else {
    yield () => ({ path, expected: issue.message, found: describeValue(valueAt(root, path)) });
  }
}

function suggestField(key: string, path: readonly PropertyKey[]): string {
  const suggestion = nearest(key, FIELDS.get(path.join('.')) ?? [], MAX_TYPOS);
  return suggestion === undefined ? '' : `: did you mean ${suggestion}?`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}
