import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { CASES } from './cases.ts';
import { find, HELMS, OF_CLUSTER, type RenderOptions, render, type Values } from './helm.ts';

const podSpec = z.looseObject({
  containers: z.tuple([
    z.looseObject({
      args: z.tuple([z.string()]),
      env: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ]),
});

test('the script holds nothing that Kubernetes would expand in an argument', () => {
  const [script] = readContainer({}).args;
  assert.doesNotMatch(script, /\$\(/);
});

const REFUSED_ROLES: readonly Readonly<{ protectedRoles: readonly string[]; role: string }>[] = [
  { protectedRoles: ['KubernetesMasterRole-*', 'other'], role: 'KubernetesMasterRole-test' },
  { protectedRoles: ['*'], role: 'test' },
  { protectedRoles: [], role: 'no/role' },
];

for (const { protectedRoles, role } of REFUSED_ROLES) {
  test(`the pod names ${role} where the protected roles are ${JSON.stringify(protectedRoles)}`, () => {
    assert.deepEqual(
      readContainer({ protectedRoles }).env.find(({ name }) => name === 'TEST_ROLE')?.value,
      role,
    );
  });
}

for (const [unlistedNamespaces, protectedRoles, may] of [
  ['Deny', [], 'false'],
  ['Strip', [], 'true'],
  ['Warn', [], 'true'],
  ['Audit', [], 'true'],
  ['Audit', ['Admin-*'], 'false'],
] as const) {
  test(`with ${unlistedNamespaces} and protected roles ${protectedRoles} the pod may be admitted: ${may}`, () => {
    const { env } = readContainer({ unlistedNamespaces, protectedRoles });
    assert.equal(env.find(({ name }) => name === 'TEST_MAY_BE_ADMITTED')?.value, may);
  });
}

test('every object of helm test is a hook that is deleted, and none selects or is selected by the Service', () => {
  const hooks = renderTest(CASES['self-managed, cluster, extras']).filter(
    ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'test',
  );
  assert.deepEqual(
    hooks.map(({ kind }) => kind),
    ['Pod', 'Role', 'RoleBinding', 'ServiceAccount'],
  );
  for (const { metadata } of hooks) {
    assert.equal(metadata.annotations?.['helm.sh/hook'], 'test');
    assert.match(
      metadata.annotations?.['helm.sh/hook-delete-policy'] ?? '',
      /before-hook-creation,hook-succeeded/,
    );
  }
});

test('a sidecar can be kept out of the pod, which stays a hook', () => {
  const podAnnotations = { 'sidecar.istio.io/inject': 'false', 'helm.sh/hook': 'post-install' };
  const { annotations } = find(renderTest({ test: { podAnnotations } }), 'Pod').metadata;
  assert.equal(annotations?.['sidecar.istio.io/inject'], 'false');
  assert.equal(annotations?.['helm.sh/hook'], 'test');
});

test('Helm 3 finds the log of the pod that passed, and Helm 4 deletes the pod after it has read it', () => {
  const policies = HELMS.map((helm) => {
    const { annotations } = find(renderTest({}, { helm }), 'Pod').metadata;
    return annotations?.['helm.sh/hook-delete-policy'];
  });
  assert.deepEqual(policies, ['before-hook-creation', 'before-hook-creation,hook-succeeded']);
});

for (const helm of HELMS) {
  test(`${helm} template, whose output others apply, renders nothing of helm test`, () => {
    const components = render({}, { helm }).map(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'],
    );
    assert.ok(components.includes('webhook'));
    assert.ok(!components.includes('test'));
  });
}

function renderTest(values: Values | undefined, options: RenderOptions = {}) {
  return render(values, { ...options, flags: OF_CLUSTER });
}

function readContainer(values: Values) {
  const [container] = podSpec.parse(find(renderTest(values), 'Pod').spec).containers;
  return container;
}
