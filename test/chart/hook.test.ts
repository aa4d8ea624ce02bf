import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { CASES } from './cases.ts';
import { find, render, type Values } from './helm.ts';

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
  const hooks = render(CASES['self-managed, cluster, extras']).filter(
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

function readContainer(values: Values) {
  const [container] = podSpec.parse(find(render(values), 'Pod').spec).containers;
  return container;
}
