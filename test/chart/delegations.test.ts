// Which delegations the chart renders; what the policy then does, the scenarios show on a real API server.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { CHART, find, HELMS, type Manifest, type RenderOptions, render } from './helm.ts';

const NAME = 'eci-ram-role-webhook-delegations';
const DELEGATION = { groups: ['a'], listNamePrefix: 'a-', namespaces: ['a', 'a-*'], roles: ['reader'] };

test('renders no policy without delegations', () => {
  assert.doesNotMatch(JSON.stringify(render()), new RegExp(NAME));
});

test('fails closed, and denies', () => {
  const manifests = render({ delegations: [DELEGATION] });
  assert.equal(Object(find(manifests, 'ValidatingAdmissionPolicy', NAME).spec).failurePolicy, 'Fail');
  assert.deepEqual(find(manifests, 'ValidatingAdmissionPolicyBinding', NAME).spec, {
    policyName: NAME,
    validationActions: ['Deny'],
  });
});

const ACCEPTED = [
  { name: 'two delegations of one prefix to the same groups', other: { namespaces: ['shared'] } },
  {
    name: 'prefixes that overlap, of the same groups in another order',
    other: { groups: ['b', 'a'], listNamePrefix: 'a-b-' },
    groups: ['a', 'b'],
  },
  { name: 'prefixes that do not overlap', other: { groups: ['b'], listNamePrefix: 'ab-' } },
  {
    name: "a namespace's ServiceAccounts",
    other: { groups: ['system:serviceaccounts:b'], listNamePrefix: 'b-' },
  },
];

for (const { name, other, groups = DELEGATION.groups } of ACCEPTED) {
  test(`accepts ${name}`, () => {
    const delegations = [
      { ...DELEGATION, groups },
      { ...DELEGATION, ...other },
    ];
    const { spec } = find(render({ delegations }), 'ValidatingAdmissionPolicy', NAME);
    assert.match(JSON.stringify(spec), /"is-by-a-member"/);
  });
}

test('bounds each delegation', () => {
  const delegations = [
    DELEGATION,
    { ...DELEGATION, ...{ maxNamespaces: 7, maxRoles: 8, maxEntries: 9_000 }, listNamePrefix: 'a-b-' },
  ];
  const manifests = render({ delegations, maxAllowlistEntries: 2_000_000 });
  const policy = JSON.stringify(find(manifests, 'ValidatingAdmissionPolicy', NAME).spec);
  assert.deepEqual(
    [...policy.matchAll(/"limits\\":\[(.*?)\]/g)].map(([, limits = '']) => limits.replaceAll('\\"', '')),
    ['32,64', '7,8'],
  );
  const deployment = JSON.stringify(find(manifests, 'Deployment', 'eci-ram-role-webhook').spec);
  assert.deepEqual(deployment.match(/--(max-allowlist-entries|delegations)=[^"]*/g), [
    '--max-allowlist-entries=2000000',
    '--delegations=a-::a a-*',
    '--delegations=a-b-:9000:a a-*',
  ]);
});

for (const helm of HELMS) {
  test(`lets a team set a field that is new in the CRD, with ${helm}`, (t) => {
    const chart = join(temporaryDirectory(t), 'chart');
    cpSync(CHART, chart, { recursive: true });
    const crd = join(chart, 'crds/ramroleallowlists.yaml');
    const document = parseDocument(readFileSync(crd, 'utf8'));
    const spec = ['spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties', 'spec', 'properties'];
    document.setIn([...spec, 'imageRegistries'], { type: 'array' });
    writeFileSync(crd, document.toString());

    const allowed = (options: RenderOptions) => fieldsOf(render({ delegations: [DELEGATION] }, options));
    const fields = allowed({ helm });
    assert.ok(fields.includes('roles') && !fields.includes('namespaceSelector'));
    assert.deepEqual(allowed({ helm, chart }), [...fields, 'imageRegistries'].sort());
  });
}

/** The fields of a spec that the policy lets a team set. */
function fieldsOf(manifests: readonly Manifest[]): readonly string[] {
  const { spec } = find(manifests, 'ValidatingAdmissionPolicy', NAME);
  const { variables } = z
    .looseObject({ variables: z.array(z.object({ name: z.string(), expression: z.string() })) })
    .parse(spec);
  const expression = variables.find(({ name }) => name === 'strangeFields')?.expression ?? '';
  return z.array(z.string()).parse(JSON.parse(/field in (\[[^\]]*\])/.exec(expression)?.[1] ?? ''));
}
