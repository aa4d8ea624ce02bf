import type * as z from 'zod';
import { asArray, asObject } from '../../json/json.ts';
import { nearest } from '../../text/edit-distance.ts';
import { quoted } from '../../text/printable.ts';
import { describeValue, failure, type Problem, type Result, success } from '../../text/problem.ts';
import { isNamespacePattern, roleNameOfArn } from '../names.ts';
import { type Allowlist, type AllowlistSpec, allowlistSchema } from './allowlist.ts';
import { hasTooManyLabels, labelSelectorSchema } from './label-selector.ts';
import { FIELDS, findUnseenProblems, normalize } from './normalize.ts';

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
  const result = allowlistSchema.safeParse(normalize(value));
  const unseen = findUnseenProblems(value);
  if (result.success && unseen.length === 0) {
    return success({ name: result.data.metadata.name, spec: result.data.spec });
  }

  const all = [...findProblems(result.error?.issues ?? [], value), ...unseen.map((problem) => () => problem)];
  const problems = all.slice(0, most).map((describe) => describe());
  return failure({ problems, more: Math.max(0, all.length - most) });
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
  return path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), root);
}

/** Describes the value that was found; for an ARN, with the role name to use instead. */
function describeFound(value: unknown): string {
  const roleName = typeof value === 'string' ? roleNameOfArn(value) : undefined;
  return roleName === undefined
    ? describeValue(value)
    : `the ARN ${describeValue(value)}: use the role name ${quoted(roleName)}`;
}

/**
 * Builds the allowlist that replaces an object that the API server accepted and our schema does not, for example after an
 * upgrade. It selects the namespaces that can be read from the object, denies, and allows and injects nothing. So one
 * invalid object does not affect valid allowlists, and does not open the namespaces that it restricts.
 */
export function denyOnlyFallback(name: string, spec: unknown): Allowlist {
  const { namespaces, namespaceSelector } = asObject(spec);
  const readable = asArray(namespaces).filter(isNamespacePattern);
  return denyOnlyForm({
    name,
    spec: {
      namespaces: readable.length > 0 ? readable : undefined,
      namespaceSelector: hasTooManyLabels(namespaceSelector)
        ? undefined
        : labelSelectorSchema.safeParse(namespaceSelector).data,
    },
  });
}

/** The form of an allowlist that is over a bound: it selects its namespaces, denies, and allows and injects nothing. */
export function denyOnlyForm({
  name,
  spec: { namespaces, namespaceSelector },
}: Readonly<{ name: string; spec: Pick<AllowlistSpec, 'namespaces' | 'namespaceSelector'> }>): Allowlist {
  return {
    name,
    spec: {
      ...(namespaces !== undefined && { namespaces }),
      ...(namespaceSelector !== undefined && { namespaceSelector }),
      ...DENY_ONLY,
    },
  };
}

/** Everything but the namespaces of an allowlist that only denies. */
export const DENY_ONLY = {
  roles: [],
  injectInto: 'EciPods',
  violationAction: 'Deny',
} satisfies AllowlistSpec;
