import type * as z from 'zod';
import { type Allowlist, allowlistSchema } from './allowlist.ts';
import { nearest } from './edit-distance.ts';
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

/** Parses what claims to be a RamRoleAllowlist and reports all of its problems at once. Never throws. */
export function parseAllowlist(value: unknown): ParsedAllowlist {
  const result = allowlistSchema.safeParse(value);
  if (result.success) {
    return { allowlist: { name: result.data.metadata.name, spec: result.data.spec } };
  }
  return { problems: result.error.issues.flatMap((issue) => toProblems(issue, value)) };
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
  const schema = path.at(-1) === 'spec' ? allowlistSchema.shape.spec : allowlistSchema;
  const suggestion = nearest(key, Object.keys(schema.shape), 3);
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
