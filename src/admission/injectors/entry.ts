import * as z from 'zod';
import { walkJson } from '../../json/json.ts';
import type { LabelSelector } from '../../policy/label-selector.ts';
import { labelSelectorSchema } from '../../policy/schema/label-selector.ts';
import { toProblems } from '../../policy/schema/parse.ts';
import { failure, type Problem, type Result, success } from '../../text/problem.ts';
import { asShortText } from '../review.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';

/** A role that an injector sets, and in which namespaces; without a selector in all of them. */
export type Injection = Readonly<{ role: string; namespaceSelector: LabelSelector | undefined }>;

const effect = z.strictObject(
  { annotations: mapOfTexts(), labels: mapOfTexts() },
  { error: 'an object of annotations and labels' },
);

/** An entry of the ConfigMap. A null counts as an absent field, as it does for a reader written in Go. */
export const profileEntrySchema = z.strictObject(
  {
    name: z.string({ error: 'a text' }).nullish(),
    namespaceSelector: labelSelectorSchema.nullish(),
    objectSelector: labelSelectorSchema.nullish(),
    effect: effect.nullish(),
  },
  { error: 'an object' },
);

/** The `spec` of a Selector, as an entry of the ConfigMap. Its name, policy and priority make no difference to the role. */
export const selectorSpecSchema = z
  .strictObject(
    {
      namespaceLabels: labelSelectorSchema.nullish(),
      objectLabels: labelSelectorSchema.nullish(),
      effect: effect.nullish(),
      name: z.unknown().optional(),
      policy: z.unknown().optional(),
      priority: z.unknown().optional(),
    },
    { error: 'an object' },
  )
  .transform(({ namespaceLabels, effect }) => ({ namespaceSelector: namespaceLabels, effect }));

export type EntrySchema = typeof profileEntrySchema | typeof selectorSpecSchema;

function mapOfTexts() {
  return z
    .record(z.string(), z.string({ error: 'a text' }).nullable(), { error: 'a map of texts' })
    .nullish();
}

/** An entry that does not mention the annotation sets no role, whatever its shape. */
export function readInjection(
  entry: unknown,
  path: readonly PropertyKey[],
  schema: EntrySchema,
): Result<Injection, Problem> | undefined {
  const mentions = findMentions(entry);
  if (mentions === undefined) {
    return failure({ path, expected: `up to ${MAX_VALUES} values`, found: 'more' });
  }
  const { keys, isMentioned } = mentions;
  if (!isMentioned) {
    return undefined;
  }
  const parsed = schema.safeParse(entry);
  if (!parsed.success) {
    const problem = firstProblem(parsed.error.issues, entry);
    return failure({ ...problem, path: [...path, ...problem.path] });
  }
  const { effect, namespaceSelector } = parsed.data;
  const annotations = effect?.annotations ?? {};
  if (keys > (Object.hasOwn(annotations, ROLE_ANNOTATION) ? 1 : 0)) {
    const expected = `the annotation ${ROLE_ANNOTATION} in effect.annotations alone`;
    return failure({ path, expected, found: 'it elsewhere' });
  }
  const role = asShortText(annotations[ROLE_ANNOTATION]);
  return role === '' ? undefined : success({ role, namespaceSelector: namespaceSelector ?? undefined });
}

/** More values than a selector needs that its injector acts on. */
export const MAX_VALUES = 2_000;

/** Where an entry has the annotation. */
type Mentions = Readonly<{
  /** How many objects have the annotation as a key. */
  keys: number;
  /** Whether it is a key or part of a text. */
  isMentioned: boolean;
}>;

/** Searches an entry of any form; undefined if it has more values than the bound. */
function findMentions(entry: unknown): Mentions | undefined {
  let values = 1;
  let keys = 0;
  let isInText = isMention(entry);
  for (const { value } of walkJson(entry)) {
    const inner: readonly unknown[] = Object.values(value);
    values += inner.length;
    if (values > MAX_VALUES) {
      return undefined;
    }
    keys += Object.hasOwn(value, ROLE_ANNOTATION) ? 1 : 0;
    isInText ||= inner.some(isMention);
  }
  return { keys, isMentioned: isInText || keys > 0 };
}

function isMention(value: unknown): boolean {
  return typeof value === 'string' && value.includes(ROLE_ANNOTATION);
}

/** A failed parse has at least one problem. There may be thousands, of which one is described. */
function firstProblem(issues: readonly z.core.$ZodIssue[], entry: unknown): Problem {
  const problems = issues.slice(0, 1).flatMap((issue) => [...toProblems(issue, entry, () => '')]);
  return problems.reduce((first) => first)();
}
