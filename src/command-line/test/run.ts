import { dirname, join } from 'node:path';
import { ROLE_ANNOTATION } from '../../admission/role-annotation.ts';
import type { JsonObject } from '../../json/json.ts';
import { NAME_LABEL } from '../../policy/label-selector.ts';
import type { FilePosition } from '../../sources/files/objects.ts';
import { UsableError } from '../../text/problem.ts';
import { type CheckedObject, checkManifest } from '../check/check.ts';
import { listInputs } from '../manifests/inputs.ts';
import { type Manifest, readManifests, toManifest } from '../manifests/objects.ts';
import type { PolicyOptions } from '../options.ts';
import { createPolicyView, type PolicyView, readPolicyView } from '../policy-view.ts';
import type { Suite, TestCase } from './suite.ts';

/** A field of a case in which the decision is not the expected one. */
export type Difference = Readonly<{ field: string; expected: string; found: string }>;

/** The result of a case. */
export type CaseResult = Readonly<{
  name: string;
  position: FilePosition;
  differences: readonly Difference[];
  /** The denials and warnings of the decision. */
  messages: readonly string[];
}>;

/** The settings of the command line. */
export type Settings = Omit<PolicyOptions, 'allowlists' | 'namespaces'>;

/** Decides the cases of a suite, whose paths start at the directory of its file. */
export async function runSuite(
  suite: Suite,
  manifest: Manifest,
  settings: Settings,
  now: number,
): Promise<readonly CaseResult[]> {
  const directory = dirname(manifest.positionOf([]).file);
  const inDirectory = (paths: readonly string[]) => paths.map((path) => join(directory, path));
  const given = Object.entries(suite.settings).filter(([, value]) => value !== undefined);
  const options: PolicyOptions = {
    ...settings,
    ...Object.fromEntries(given),
    allowlists: inDirectory(suite.allowlists),
    namespaces: inDirectory(suite.namespaces),
  };
  const time = suite.now === undefined ? now : Date.parse(suite.now);
  const view = await readPolicyView(options, time);
  const results: CaseResult[] = [];
  for (const [index, testCase] of suite.cases.entries()) {
    results.push(await runCase(testCase, ['cases', index], { manifest, directory, view }));
  }
  return results;
}

type Context = Readonly<{ manifest: Manifest; directory: string; view: PolicyView }>;

async function runCase(
  testCase: TestCase,
  path: readonly PropertyKey[],
  context: Context,
): Promise<CaseResult> {
  const { manifest } = context;
  const object = await readPod(testCase, path, context);
  const namespace = testCase.namespace ?? 'default';
  const checked = await checkManifest(
    object,
    namespace,
    withLabels(testCase, object.namespace || namespace, context),
  );
  const position = manifest.positionOf(path);
  if (checked === undefined) {
    throw new UsableError(`${formatCase(position)}: expected a pod or a workload, found a ${object.kind}`);
  }
  const messages = checked.findings.map(({ message }) => message);
  return {
    name: testCase.name,
    position,
    differences: compare(testCase.expect, checked, messages),
    messages,
  };
}

/** The pod of the case: the one of its file, or one that its other fields describe. */
async function readPod(
  { pod, namespace, serviceAccount, role, labels }: TestCase,
  path: readonly PropertyKey[],
  { manifest, directory }: Context,
): Promise<Manifest> {
  if (typeof pod === 'string') {
    const inputs = await listInputs([join(directory, pod)]);
    const objects = inputs.flatMap((input) => [...readManifests(input, [])]);
    const [object] = objects;
    if (object === undefined || objects.length > 1) {
      const position = formatCase(manifest.positionOf([...path, 'pod']));
      throw new UsableError(
        `${position}: expected a file with one object, found ${objects.length} in ${pod}`,
      );
    }
    return object;
  }
  const annotations = role === undefined ? {} : { [ROLE_ANNOTATION]: role };
  const value: JsonObject = pod ?? {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod', ...(namespace && { namespace }), labels, annotations },
    spec: { ...(serviceAccount && { serviceAccountName: serviceAccount }) },
  };
  const { positionOf } = manifest;
  return toManifest({ value, path, positionOf: (inside) => positionOf([...path, 'pod', ...inside]) }, value);
}

/** The view in which the namespace of a case has the labels that the case gives it. */
function withLabels({ namespaceLabels }: TestCase, namespace: string, { view }: Context): PolicyView {
  if (namespaceLabels === undefined) {
    return view;
  }
  const labels = new Map([...Object.entries(namespaceLabels), [NAME_LABEL, namespace] as const]);
  const allowlists = [...view.policy.allowlists.values()];
  return createPolicyView(
    view.options,
    allowlists,
    new Map([...view.namespaces, [namespace, labels]]),
    view.now,
  );
}

function compare(
  expected: TestCase['expect'],
  { outcome, reason, roles, allowlists }: CheckedObject,
  messages: readonly string[],
): readonly Difference[] {
  const fields = [
    { field: 'outcome', expected: expected.outcome, found: outcome },
    {
      field: 'role',
      expected: expected.role === null ? 'none' : expected.role,
      found: roles.join(', ') || 'none',
    },
    { field: 'reason', expected: expected.reason, found: reason },
    { field: 'allowlists', expected: expected.allowlists?.join(', '), found: allowlists.join(', ') },
  ];
  const differences = fields.flatMap(({ field, expected, found }) =>
    expected === undefined || expected === found ? [] : [{ field, expected, found }],
  );
  const { message } = expected;
  return message === undefined || messages.some((text) => text.includes(message))
    ? differences
    : [...differences, { field: 'message', expected: message, found: messages.join(' | ') || 'none' }];
}

function formatCase({ file, line, column }: FilePosition): string {
  return `${file}:${line}:${column}`;
}
