import * as z from 'zod';
import { isObject, type JsonObject } from '../../json/json.ts';
import { isNamespaceName, isRoleName } from '../../policy/names.ts';
import { utcSecond } from '../../policy/schema/fields.ts';
import { toProblems } from '../../policy/schema/parse.ts';
import { VIOLATION_ACTIONS } from '../../policy/violation-action.ts';
import { type FileProblem, toFileProblem } from '../../sources/files/objects.ts';
import { nearest } from '../../text/edit-distance.ts';
import { failure, type Result, success } from '../../text/problem.ts';
import type { Manifest } from '../manifests/objects.ts';

/** A group of its own: with that of allowlists, the server would take the file for a misspelt allowlist. */
export const SUITE_VERSION = 'test.eci-ram-role.io/v1alpha1';
export const SUITE_KIND = 'Suite';

export const OUTCOMES = ['allow', 'inject', 'strip', 'deny', 'warn', 'audit'] as const;

const outcome = z.enum(OUTCOMES, { error: OUTCOMES.join(', ') });
const text = (expected = 'a text') => z.string({ error: expected }).min(1, { error: expected });
const texts = (expected: string) => z.array(text(), { error: expected });
const labels = z.record(z.string(), z.string({ error: 'a text' }), {
  error: 'a map of label keys to values',
});
const namespace = () =>
  z
    .string({ error: 'the name of a namespace' })
    .refine(isNamespaceName, { error: 'the name of a namespace' });

/** The expected decision. A suite may have the outcome alone in its stead. */
export const expectation = z.strictObject(
  {
    outcome,
    role: z
      .union([z.string().refine(isRoleName), z.null()], { error: 'a RAM role name, or null for none' })
      .optional()
      .meta({ description: 'The role that the pod has after admission; null for none.' }),
    reason: text().optional().meta({ description: 'As in the log of the webhook, such as not-allowed.' }),
    allowlists: texts('a list of names').optional(),
    message: text().optional().meta({ description: 'A part of a denial or a warning.' }),
  },
  { error: 'an outcome, or an object with an outcome' },
);

const testCase = z
  .strictObject(
    {
      name: text(),
      pod: z
        .union([z.string(), z.looseObject({})], { error: 'the path of a manifest, or a manifest' })
        .optional()
        .meta({
          description: 'A pod or a workload: its manifest, or the path of a file that holds only it.',
        }),
      namespace: namespace().optional(),
      serviceAccount: text().optional(),
      role: z.string({ error: 'a text' }).optional(),
      labels: labels.optional().meta({ description: 'Labels of the pod.' }),
      namespaceLabels: labels.optional().meta({ description: 'Labels of the namespace.' }),
      expect: expectation,
    },
    { error: 'a case' },
  )
  .refine(
    ({ pod, ...short }) => pod === undefined || !SHORT_FIELDS.some((field) => short[field] !== undefined),
    {
      path: ['pod'],
      error: 'either a pod, or serviceAccount, role and labels',
    },
  );

const SHORT_FIELDS = ['serviceAccount', 'role', 'labels'] as const;

/** The schema of a suite of tests. */
export const SUITE_SCHEMA = z
  .strictObject(
    {
      apiVersion: z.literal(SUITE_VERSION, { error: SUITE_VERSION }),
      kind: z.literal(SUITE_KIND, { error: SUITE_KIND }),
      metadata: z.looseObject({ name: z.string().optional() }).optional(),
      allowlists: texts('a list of paths')
        .default(['.'])
        .meta({ description: 'Files and directories of allowlists, from the directory of the suite.' }),
      namespaces: texts('a list of paths').default([]).meta({ description: 'Files of Namespace objects.' }),
      now: utcSecond().optional().meta({ description: 'The time at which the cases are decided.' }),
      settings: z
        .strictObject(
          {
            unlistedNamespaces: z.enum(VIOLATION_ACTIONS, { error: VIOLATION_ACTIONS.join(', ') }),
            protectedRoles: texts('a list of role patterns'),
            eciDetection: z.enum(['markers', 'all-pods'], { error: 'markers, all-pods' }),
            excludedNamespaces: texts('a list of namespaces'),
            unmutatedNamespaces: texts('a list of namespaces'),
            ownMetadataKinds: texts('a list of kinds as resource.group'),
          },
          { error: 'the settings of the server' },
        )
        .partial()
        .default({})
        .meta({ description: 'Settings of the server, which replace those of the command line.' }),
      cases: z.array(testCase, { error: 'a list of cases' }).min(1, { error: 'at least one case' }),
    },
    { error: 'a suite' },
  )
  .meta({ title: 'Suite of tests of allowlists' });

/** A suite of tests. */
export type Suite = z.output<typeof SUITE_SCHEMA>;
export type TestCase = Suite['cases'][number];

const MAX_FIELD_TYPOS = 2;

/** Parses a suite, or finds its problems in its file. */
export function parseSuite(manifest: Manifest): Result<Suite, readonly FileProblem[]> {
  const value = withWholeExpectations(manifest.value);
  const parsed = SUITE_SCHEMA.safeParse(value);
  if (parsed.success) {
    return success(parsed.data);
  }
  const describes = parsed.error.issues.flatMap((issue) => [...toProblems(issue, value, suggest)]);
  return failure(describes.map((describe) => toFileProblem(manifest, describe())));
}

function withWholeExpectations(value: JsonObject): JsonObject {
  const { cases } = value;
  const whole = (testCase: unknown) =>
    isObject(testCase) && typeof testCase['expect'] === 'string'
      ? { ...testCase, expect: { outcome: testCase['expect'] } }
      : testCase;
  return Array.isArray(cases) ? { ...value, cases: cases.map(whole) } : value;
}

function suggest(key: string, path: readonly PropertyKey[]): string {
  const field = nearest(key, fieldsAt(path), MAX_FIELD_TYPOS);
  return field === undefined ? '' : `: did you mean ${field}?`;
}

function fieldsAt(path: readonly PropertyKey[]): readonly string[] {
  if (path.includes('expect')) {
    return Object.keys(expectation.shape);
  }
  return Object.keys(path.includes('cases') ? testCase.shape : SUITE_SCHEMA.shape);
}
