import type * as z from 'zod';
import { type Allowlist, allowlistSchema } from './allowlist.ts';
import { findDroppedNulls } from './dropped-nulls.ts';
import { nearest } from './edit-distance.ts';
import { isObject } from './json-object.ts';
import { labelSelectorSchema } from './label-selector-schema.ts';
import { quoted } from './printable.ts';
import { roleNameOfArn } from './role-name.ts';

/** Something wrong with an allowlist: where, and in words what should stand there and what does. */
export type AllowlistProblem = Readonly<{
  path: readonly PropertyKey[];
  expected: string;
  found: string;
}>;

/** An allowlist, or everything that is wrong with it. */
export type ParsedAllowlist =
  | Readonly<{ allowlist: Allowlist; problems?: never }>
  | Readonly<{ allowlist?: never; problems: readonly AllowlistProblem[] }>;

const MAX_TYPOS = 3;

const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(allowlistSchema.shape)],
  ['spec', Object.keys(allowlistSchema.shape.spec.shape)],
  ['spec.namespaceSelector', Object.keys(labelSelectorSchema.shape)],
]);

/** Parses what claims to be a RamRoleAllowlist and reports all of its problems at once. Never throws. */
export function parseAllowlist(value: unknown): ParsedAllowlist {
  const result = allowlistSchema.safeParse(withoutNulls(value));
  const unseen = [...findUnseenLabels(value), ...findDroppedNulls(value)];
  if (result.success && unseen.length === 0) {
    return { allowlist: { name: result.data.metadata.name, spec: result.data.spec } };
  }
  const issues = result.error?.issues ?? [];
  return { problems: [...issues.flatMap((issue) => toProblems(issue, value)), ...unseen] };
}

/**
 * Fields that may be null, which the API server takes for left out. Those that narrow a list may not: what was to be
 * narrow would be wide open.
 */
const NULLABLE_FIELDS = new Set([
  'namespaces',
  'namespaceSelector',
  'defaultRole',
  'injectInto',
  'violationAction',
  'contact',
  'reason',
]);

function withoutNulls(root: unknown): unknown {
  if (!isObject(root) || !isObject(root['spec'])) {
    return root;
  }
  const spec = Object.entries(root['spec']).filter(
    ([field, value]) => value !== null || !NULLABLE_FIELDS.has(field),
  );
  return { ...root, spec: Object.fromEntries(spec) };
}

/** Zod drops a key `__proto__` of a map unseen, and a selector that lost its label would select more. */
function findUnseenLabels(root: unknown): AllowlistProblem[] {
  const path = ['spec', 'namespaceSelector', 'matchLabels'];
  const labels = valueAt(root, path);
  return typeof labels === 'object' && labels !== null && Object.hasOwn(labels, '__proto__')
    ? [{ path: [...path, '__proto__'], expected: 'a label key', found: quoted('__proto__') }]
    : [];
}

function toProblems(issue: z.core.$ZodIssue, root: unknown): AllowlistProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      expected: 'no such field',
      found: quoted(key) + suggestField(key, issue.path),
    }));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({
      path: issue.path,
      expected: message,
      found: describe(issue.path.at(-1)),
    }));
  }
  return [{ path: issue.path, expected: issue.message, found: describe(valueAt(root, issue.path)) }];
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

/** A value as it is told in a problem: short, on one line, its kind where its content would not help. */
export function describe(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'string') {
    return describeText(value);
  }
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) {
    return 'an object';
  }
  return String(value);
}

function describeText(value: string): string {
  const roleName = roleNameOfArn(value);
  return roleName === undefined
    ? quoted(value)
    : `the ARN ${quoted(value)}: use the role name ${quoted(roleName)}`;
}
