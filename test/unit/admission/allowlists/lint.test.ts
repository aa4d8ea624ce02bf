import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintAllowlist } from '../../../../src/admission/allowlists/lint.ts';
import type { PolicySettings } from '../../../../src/policy/policy.ts';
import type { AllowlistSpec } from '../../../../src/policy/schema/allowlist.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

type Case = Readonly<{
  name: string;
  spec: Partial<AllowlistSpec>;
  settings?: Partial<PolicySettings>;
  /** Each finding as `rule: field, field`. */
  expected: readonly string[];
}>;

const NAME = 'kubernetes.io/metadata.name';
const byExpression = (
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  values?: string[],
) => ({
  namespaceSelector: { matchExpressions: [{ key, operator, ...(values && { values }) }] },
});

const CASES: readonly Case[] = [
  {
    name: 'nothing in exact namespaces and roles by name and prefix',
    spec: {
      namespaces: ['payments', 'analytics'],
      roles: ['payments-reader', 'payments-*'],
      defaultRole: 'payments-reader',
      reason: 'incident',
      expiresAt: '2026-12-01T18:00:00Z',
    },
    expected: [],
  },

  // Roles
  {
    name: 'entries that a protected pattern covers as a whole, in any case',
    spec: { roles: ['reader', 'kubernetesworkerrole-1', 'KubernetesMasterRole-*'] },
    expected: ['protected-role: spec.roles[1]=kubernetesworkerrole-1, spec.roles[2]=KubernetesMasterRole-*'],
  },
  {
    name: 'a protected default',
    spec: { roles: ['*Role-1'], defaultRole: 'KubernetesWorkerRole-1' },
    expected: [
      'protected-default: spec.defaultRole=KubernetesWorkerRole-1',
      'matches-protected-roles: spec.roles[0]=*Role-1',
    ],
  },
  {
    name: 'a pattern that also matches protected roles',
    spec: { roles: ['Kubernetes*', '*-prod', 'k*8E', 'KubernetesRole-*', '*Role-', 'Kub*prod*', 'x*-prod'] },
    expected: [
      'matches-protected-roles: spec.roles[0]=Kubernetes*, spec.roles[1]=*-prod, spec.roles[2]=k*8E, spec.roles[4]=*Role-, spec.roles[5]=Kub*prod*',
      'covered-entry: spec.roles[3]=KubernetesRole-*, spec.roles[6]=x*-prod',
    ],
  },
  {
    name: 'a pattern that also matches a role that is protected by its name',
    spec: { roles: ['admin-*', 'readers-*'] },
    settings: { protectedRoles: ['Admin-Root'] },
    expected: ['matches-protected-roles: spec.roles[0]=admin-*'],
  },
  {
    name: 'only stars as a role',
    spec: { roles: ['*', 'b*', '**'] },
    expected: ['any-role: spec.roles[0]=*, spec.roles[2]=**'],
  },
  {
    name: 'the legacy role, exact or by a pattern, in any case',
    spec: { roles: ['AliyunECIContainerGroupRole', 'aliyun*', 'A*Role', 'aliyunecicontainergrouprole'] },
    expected: [
      'wide-role: spec.roles[0]=AliyunECIContainerGroupRole, spec.roles[1]=aliyun*, spec.roles[2]=A*Role, spec.roles[3]=aliyunecicontainergrouprole',
      'covered-entry: spec.roles[0]=AliyunECIContainerGroupRole, spec.roles[3]=aliyunecicontainergrouprole',
    ],
  },
  {
    name: 'the legacy role as a default, in any case, whichever roles cover it',
    spec: { roles: ['*'], defaultRole: 'aliyunECIContainerGroupRole' },
    expected: ['any-role: spec.roles[0]=*', 'wide-default: spec.defaultRole=aliyunECIContainerGroupRole'],
  },
  {
    name: 'only that the legacy role is protected, if it is, as a default',
    spec: { roles: ['A*Role'], defaultRole: 'AliyunECIContainerGroupRole' },
    settings: { protectedRoles: ['AliyunECIContainerGroupRole'] },
    expected: [
      'protected-default: spec.defaultRole=AliyunECIContainerGroupRole',
      'matches-protected-roles: spec.roles[0]=A*Role',
    ],
  },
  {
    name: 'only that the legacy role is protected, if it is, in a pattern',
    spec: { roles: ['Aliyun*'] },
    settings: { protectedRoles: ['AliyunECI*'] },
    expected: ['matches-protected-roles: spec.roles[0]=Aliyun*'],
  },

  // Namespaces
  {
    name: 'only stars as a namespace',
    spec: { namespaces: ['payments', '*', '**'] },
    expected: ['any-namespace: spec.namespaces[1]=*, spec.namespaces[2]=**'],
  },
  {
    name: 'patterns that future namespaces can match',
    spec: { namespaces: ['payments-*', 'staging', '*x*'] },
    expected: ['open-pattern: spec.namespaces[0]=payments-*, spec.namespaces[2]=*x*'],
  },
  {
    name: 'nothing in the namespaces of an allowlist that allows nothing',
    spec: { namespaces: ['*', 'payments-*', 'y'], roles: [] },
    expected: [],
  },

  // Selectors
  {
    name: 'labels that owners of namespaces can set, and not the name',
    spec: {
      namespaceSelector: {
        matchLabels: { team: 'payments', [NAME]: 'payments-eu' },
        matchExpressions: [
          { key: NAME, operator: 'Exists' },
          { key: 'env', operator: 'DoesNotExist' },
        ],
      },
    },
    expected: [
      'settable-label: spec.namespaceSelector.matchLabels=team, spec.namespaceSelector.matchExpressions[1]=env',
    ],
  },
  {
    name: 'the absence of a label',
    spec: byExpression('team', 'NotIn', ['payments']),
    expected: ['settable-label: spec.namespaceSelector.matchExpressions[0]=team'],
  },
  {
    name: 'nothing in namespaces by the label that is their name, as an expression',
    spec: byExpression(NAME, 'In', ['payments']),
    expected: [],
  },
  {
    name: 'nothing in a namespace by the label that is its name',
    spec: { namespaceSelector: { matchLabels: { [NAME]: 'payments' } } },
    expected: [],
  },
  {
    name: 'an empty selector',
    spec: { namespaceSelector: {} },
    expected: ['empty-selector: spec.namespaceSelector'],
  },
  {
    name: 'nothing in an empty selector of an allowlist that allows nothing',
    spec: { namespaceSelector: {}, roles: [] },
    expected: [],
  },
  {
    name: 'all namespaces but some',
    spec: byExpression(NAME, 'NotIn', ['kube-system']),
    expected: ['open-selector: spec.namespaceSelector'],
  },

  // Expiry
  {
    name: 'an expiry in the past',
    spec: { reason: 'incident', expiresAt: '2026-11-25T10:00:00Z' },
    expected: ['expired: spec.expiresAt=2026-11-25T10:00:00Z'],
  },
  {
    name: 'an expiry whose year may be wrong',
    spec: { reason: 'incident', expiresAt: '2062-12-01T18:00:00Z' },
    expected: ['distant-expiry: spec.expiresAt=2062-12-01T18:00:00Z'],
  },
  {
    name: 'in an expired allowlist nothing about what it would allow',
    spec: {
      ...{ namespaces: ['*', 'payments-*', 'y'], roles: ['*', 'Aliyun*'], violationAction: 'Warn' },
      ...{
        defaultRole: 'AliyunECIContainerGroupRole',
        reason: 'incident',
        expiresAt: '2026-11-25T10:00:00Z',
      },
    },
    expected: ['expired: spec.expiresAt=2026-11-25T10:00:00Z'],
  },
  {
    name: 'in an expired selector only who can change its namespaces',
    spec: {
      namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
      ...{ reason: 'incident', expiresAt: '2020-01-01T00:00:00Z' },
    },
    expected: [
      'settable-label: spec.namespaceSelector.matchExpressions[0]=team',
      'expired: spec.expiresAt=2020-01-01T00:00:00Z',
    ],
  },
  {
    name: 'nothing in an empty selector that has expired',
    spec: { namespaceSelector: {}, reason: 'incident', expiresAt: '2020-01-01T00:00:00Z' },
    expected: ['expired: spec.expiresAt=2020-01-01T00:00:00Z'],
  },

  // Entries that count for nothing
  {
    name: 'a namespace whose pods nobody checks',
    spec: { namespaces: ['payments', 'kube-system', 'kube-*'], roles: [] },
    expected: [
      'unchecked-namespace: spec.namespaces[1]=kube-system',
      'covered-entry: spec.namespaces[1]=kube-system',
    ],
  },
  {
    name: 'entries that another entry covers',
    spec: {
      namespaces: ['a', 'a', 'b'],
      roles: ['pay-reader', 'pay-*', 'pay-r*r', 'pay-*', 'analytics'],
      serviceAccounts: ['api', 'a*', '*i'],
    },
    expected: [
      'covered-entry: spec.namespaces[1]=a, spec.roles[0]=pay-reader, spec.roles[2]=pay-r*r, spec.roles[3]=pay-*, spec.serviceAccounts[0]=api',
    ],
  },
  {
    name: 'the second of two entries that cover each other',
    spec: { roles: ['pay-**', 'pay-*'] },
    expected: ['covered-entry: spec.roles[1]=pay-*'],
  },
  {
    name: 'no covered entry in a default and the namespaces that make it specific',
    spec: { namespaces: ['pay', 'p*'], roles: ['pay-reader', 'pay-*'], defaultRole: 'pay-reader' },
    expected: ['open-pattern: spec.namespaces[1]=p*'],
  },
  {
    name: 'no covered entry beside one that is anything, but for ServiceAccounts',
    spec: { roles: ['*', 'pay-*'], serviceAccounts: ['*', 'api'] },
    expected: ['any-role: spec.roles[0]=*', 'covered-entry: spec.serviceAccounts[1]=api'],
  },
  {
    name: 'patterns that read like regular expressions',
    spec: { roles: ['team-b-.*', 'team.b', 'team-*.b'], serviceAccounts: ['api.*', 'b'] },
    expected: ['regular-expression: spec.roles[0]=team-b-.*, spec.serviceAccounts[0]=api.*'],
  },
];

test('compares no more entries than it has time for', () => {
  const globs = Array.from({ length: 254 }, (_, index) => `role-${index}-*`);
  const [early, late] = [
    ['pay', 'pay', ...globs],
    [...globs, 'pay', 'pay'],
  ].map((roles) => {
    const { spec } = allowlistOf('list', { roles, namespaces: ['a'] });
    return lintAllowlist(spec, { policy: policyOf([]), now: NOW, uncheckedNamespaces: [] });
  });
  assert.deepEqual(
    early?.map(({ rule }) => rule),
    ['covered-entry'],
  );
  assert.deepEqual(late, []);
});

for (const { name, spec, settings, expected } of CASES) {
  test(`finds ${name}`, () => {
    const findings = lintAllowlist(allowlistOf('list', spec).spec, {
      policy: policyOf([], settings),
      now: NOW,
      uncheckedNamespaces: ['kube-system'],
    });
    const found = findings.map(({ rule, fields }) => {
      const names = fields.map(({ path, value }) => (value === undefined ? path : `${path}=${value}`));
      return `${rule}: ${names.join(', ')}`;
    });
    assert.deepEqual(found, expected);
  });
}
