import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warnOfAllowlist } from '../../src/admission/allowlists/lint/lint.ts';
import { surveyNamespaces } from '../../src/admission/allowlists/survey-namespaces.ts';
import { compileAllowlist } from '../../src/policy/allowlist.ts';
import type { PolicySettings } from '../../src/policy/policy.ts';
import type { AllowlistSpec } from '../../src/policy/schema/allowlist.ts';
import { finish } from '../builders/finish.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

const KNOWN = new Map([
  ['payments', new Map([['kubernetes.io/metadata.name', 'payments']])],
  ['payments-eu', new Map([['team', 'payments']])],
  ['analytics', new Map<string, string>()],
]);

type Case = Readonly<{
  name: string;
  spec: Partial<AllowlistSpec>;
  /** What the list said before; left out where it is being created. */
  before?: Partial<AllowlistSpec>;
  others?: Readonly<Record<string, Partial<AllowlistSpec>>>;
  settings?: Partial<PolicySettings>;
  known?: typeof KNOWN | undefined;
  excluded?: readonly string[];
  unmutated?: readonly string[];
  /** As `place, place: problem`, each shortened to what tells it from others. */
  expected: readonly string[];
}>;

function warningsFor({ spec, before, others = {}, settings, ...given }: Case): readonly string[] {
  const namespaces = { known: KNOWN, excluded: [], unmutated: [], ...given };
  const lists = Object.entries(others).map(([name, other]) => allowlistOf(name, other));
  // The policy in force knows the list as it was: that must count nowhere but in what it was.
  const policy = policyOf(before ? [...lists, allowlistOf('list', before)] : lists, settings);
  const compile = (of: Partial<AllowlistSpec>) =>
    compileAllowlist(allowlistOf('list', of), policy.isProtectedRole);
  const change = { before: before && compile(before), after: compile(spec) };
  const survey = finish(surveyNamespaces(policy, change, namespaces, NOW));
  return warnOfAllowlist(change, survey, policy, NOW).map(
    ({ places, problem }) =>
      `${places.map(({ path, value }) => (value === undefined ? path : `${path}=${value}`)).join(', ')}: ${problem}`,
  );
}

const NO_NAMESPACE = 'there is no such namespace today, and whoever creates it gets these roles';
const NO_MATCH = 'matches no namespace today, and whoever creates one that it matches gets these roles';
const OPEN_GLOB = 'whoever may create namespaces can create one that it matches, and so get these roles';
const BY_LABEL =
  'whoever may update a namespace can set or remove this label, and so decides whether the list selects it';
const NO_EFFECT = 'protected, which no list can open, so it has no effect';
const ANY_ROLE = 'allows every role that is not protected, those of other teams and later ones too';
const WIDE = 'allows AliyunECIContainerGroupRole, a legacy role with wide permissions';
const NEW_NAMESPACES = 'selects namespaces yet to be created too, and whoever creates one gets these roles';

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
    name: 'nothing of exact namespaces that are there and roles by name and prefix',
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
    name: 'entries that a protected glob covers as a whole, in any case',
    spec: { roles: ['reader', 'kubernetesworkerrole-1', 'KubernetesMasterRole-*'] },
    expected: [`spec.roles[1]=kubernetesworkerrole-1, spec.roles[2]=KubernetesMasterRole-*: ${NO_EFFECT}`],
  },
  {
    name: 'a protected default',
    spec: { roles: ['*Role-1'], defaultRole: 'KubernetesWorkerRole-1' },
    expected: [
      'spec.defaultRole=KubernetesWorkerRole-1: a protected role, so it is not injected and the list will be Invalid',
      'spec.roles[0]=*Role-1: takes in protected roles, which stay refused',
    ],
  },
  {
    name: 'a glob that takes in protected roles beside others',
    spec: { roles: ['Kubernetes*', '*-prod', 'k*8E', 'KubernetesRole-*', '*Role-', 'Kub*prod*', 'x*-prod'] },
    expected: [
      `spec.roles[0]=Kubernetes*, spec.roles[1]=*-prod, spec.roles[2]=k*8E, spec.roles[4]=*Role-, spec.roles[5]=Kub*prod*: takes in protected roles, which stay refused`,
    ],
  },
  {
    name: 'a glob that takes in a role that is protected by its name',
    spec: { roles: ['admin-*', 'readers-*'] },
    settings: { protectedRoles: ['Admin-Root'] },
    expected: ['spec.roles[0]=admin-*: takes in protected roles, which stay refused'],
  },
  {
    name: 'stars alone as a role',
    spec: { roles: ['*', 'b*', '**'] },
    expected: [`spec.roles[0]=*, spec.roles[2]=**: ${ANY_ROLE}`],
  },
  {
    name: 'the legacy role, exact or under a glob, in any case',
    spec: { roles: ['AliyunECIContainerGroupRole', 'aliyun*', 'A*Role', 'aliyunecicontainergrouprole'] },
    expected: [
      `spec.roles[0]=AliyunECIContainerGroupRole, spec.roles[1]=aliyun*, spec.roles[2]=A*Role, spec.roles[3]=aliyunecicontainergrouprole: ${WIDE}`,
    ],
  },
  {
    name: 'the legacy role as a default, in any case, whatever the roles that cover it',
    spec: { roles: ['*'], defaultRole: 'aliyunECIContainerGroupRole' },
    expected: [
      `spec.roles[0]=*: ${ANY_ROLE}`,
      'spec.defaultRole=aliyunECIContainerGroupRole: a legacy role with wide permissions, which pods that name none get',
    ],
  },
  {
    name: 'nothing of the legacy role as a default where that is protected, but that it is',
    spec: { roles: ['A*Role'], defaultRole: 'AliyunECIContainerGroupRole' },
    settings: { protectedRoles: ['AliyunECIContainerGroupRole'] },
    expected: [
      'spec.defaultRole=AliyunECIContainerGroupRole: a protected role, so it is not injected and the list will be Invalid',
      'spec.roles[0]=A*Role: takes in protected roles, which stay refused',
    ],
  },
  {
    name: 'a glob that covers the legacy role where that is protected, as any such',
    spec: { roles: ['Aliyun*'] },
    settings: { protectedRoles: ['AliyunECI*'] },
    expected: ['spec.roles[0]=Aliyun*: takes in protected roles, which stay refused'],
  },

  // Namespaces
  {
    name: 'stars alone as a namespace',
    spec: { namespaces: ['payments', '*'] },
    expected: ['spec.namespaces[1]=*: selects every namespace, those yet to be created too'],
  },
  {
    name: 'names that no namespace has',
    spec: { namespaces: ['payments', 'paymnets', 'staging'] },
    expected: [`spec.namespaces[1]=paymnets, spec.namespaces[2]=staging: ${NO_NAMESPACE}`],
  },
  {
    name: 'globs that match nothing, and globs that others could match',
    spec: { namespaces: ['payments-*', 'staging-*', '*x*'] },
    expected: [
      `spec.namespaces[1]=staging-*, spec.namespaces[2]=*x*: ${NO_MATCH}`,
      `spec.namespaces[0]=payments-*: ${OPEN_GLOB}`,
    ],
  },
  {
    name: 'nothing of missing namespaces where they are not known',
    spec: { namespaces: ['staging', 'staging-*'] },
    known: undefined,
    expected: [`spec.namespaces[1]=staging-*: ${OPEN_GLOB}`],
  },
  {
    name: 'nothing of how wide a list is that allows nothing, but of what matches nothing',
    spec: { namespaces: ['*', 'payments-*', 'x-*', 'y'], roles: [] },
    expected: [
      'spec.namespaces[3]=y: there is no such namespace today, and whoever creates it gets the list',
      'spec.namespaces[2]=x-*: matches no namespace today, and whoever creates one that it matches gets the list',
    ],
  },

  // Selectors
  {
    name: 'labels that owners of namespaces may set, and not the one they may not',
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
      'spec.namespaceSelector: selects no namespace today',
      `spec.namespaceSelector.matchLabels=team, spec.namespaceSelector.matchExpressions[1]=env: ${BY_LABEL}`,
    ],
  },
  {
    name: 'the absence of a label too',
    spec: byExpression('team', 'NotIn', ['payments']),
    expected: [`spec.namespaceSelector.matchExpressions[0]=team: ${BY_LABEL}`],
  },
  {
    name: 'nothing of namespaces by the label that is their name',
    spec: byExpression(NAME, 'In', ['payments']),
    expected: [],
  },
  {
    name: 'the same in short',
    spec: { namespaceSelector: { matchLabels: { [NAME]: 'payments' } } },
    expected: [],
  },
  {
    name: 'an empty selector',
    spec: { namespaceSelector: {} },
    expected: ['spec.namespaceSelector: empty, so it selects every namespace, those yet to be created too'],
  },
  {
    name: 'nothing of an empty selector of a list that allows nothing',
    spec: { namespaceSelector: {}, roles: [] },
    expected: [],
  },
  {
    name: 'all namespaces but some',
    spec: byExpression(NAME, 'NotIn', ['kube-system']),
    expected: [`spec.namespaceSelector: ${NEW_NAMESPACES}`],
  },
  {
    name: 'a selector that no namespace can meet',
    spec: byExpression('kubernetes.io/metadata.name', 'In', ['staging']),
    expected: ['spec.namespaceSelector: selects no namespace today'],
  },
  {
    name: 'nothing of an unmatched selector where namespaces are not known',
    spec: byExpression(NAME, 'In', ['staging']),
    known: undefined,
    expected: [],
  },

  {
    name: 'names of a selector that no namespace has, where others are there',
    spec: byExpression(NAME, 'In', ['payments', 'staging', 'paymnets']),
    expected: [
      `spec.namespaceSelector.matchExpressions[0]=staging, spec.namespaceSelector.matchExpressions[0]=paymnets: ${NO_NAMESPACE}`,
    ],
  },
  {
    name: 'of names of a selector only those that all of it takes in',
    spec: {
      namespaceSelector: {
        matchExpressions: [
          { key: NAME, operator: 'NotIn', values: ['dev'] },
          { key: 'team', operator: 'DoesNotExist' },
          { key: NAME, operator: 'In', values: ['payments', 'staging', 'dev', 'qa'] },
          { key: NAME, operator: 'In', values: ['payments', 'qa', 'dev'] },
        ],
      },
      roles: [],
    },
    expected: [
      'spec.namespaceSelector.matchExpressions[2]=qa, spec.namespaceSelector.matchExpressions[3]=qa: there is no such namespace today, and whoever creates it gets the list',
      `spec.namespaceSelector.matchExpressions[1]=team: ${BY_LABEL}`,
    ],
  },

  // Expiry
  {
    name: 'an expiry that is over',
    spec: { reason: 'incident', expiresAt: '2026-11-25T10:00:00Z' },
    expected: ['spec.expiresAt=2026-11-25T10:00:00Z: over already, so the list allows nothing'],
  },
  {
    name: 'an expiry whose year may be wrong',
    spec: { reason: 'incident', expiresAt: '2062-12-01T18:00:00Z' },
    expected: ['spec.expiresAt=2062-12-01T18:00:00Z: more than a year ahead'],
  },
  {
    name: 'of a list that is over nothing of what it would allow, but of what it selects',
    spec: {
      ...{ namespaces: ['*', 'payments-*', 'x-*', 'y'], roles: ['*', 'Aliyun*'], violationAction: 'Warn' },
      ...{
        defaultRole: 'AliyunECIContainerGroupRole',
        reason: 'incident',
        expiresAt: '2026-11-25T10:00:00Z',
      },
    },
    others: { other: { namespaces: ['analytics', 'payments-eu', 'x-*', 'y'] } },
    expected: [
      'spec.violationAction: namespace "payments" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
      'spec.namespaces[3]=y: there is no such namespace today, and whoever creates it gets the list',
      'spec.namespaces[2]=x-*: matches no namespace today, and whoever creates one that it matches gets the list',
      'spec.expiresAt=2026-11-25T10:00:00Z: over already, so the list allows nothing',
    ],
  },
  {
    name: 'of a selector that is over only who decides whether it selects',
    spec: {
      namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
      ...{ reason: 'incident', expiresAt: '2020-01-01T00:00:00Z' },
    },
    expected: [
      `spec.namespaceSelector.matchExpressions[0]=team: ${BY_LABEL}`,
      'spec.expiresAt=2020-01-01T00:00:00Z: over already, so the list allows nothing',
    ],
  },
  {
    name: 'nothing of how wide an empty selector is that is over',
    spec: { namespaceSelector: {}, reason: 'incident', expiresAt: '2020-01-01T00:00:00Z' },
    expected: ['spec.expiresAt=2020-01-01T00:00:00Z: over already, so the list allows nothing'],
  },

  // Softer actions
  {
    name: 'a namespace that was unlisted and denied',
    spec: { violationAction: 'Warn' },
    expected: [
      'spec.violationAction: namespace "payments" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
    ],
  },
  {
    name: 'nothing of a namespace that becomes stricter than unlisted ones',
    spec: { violationAction: 'Warn' },
    settings: { unlistedNamespaces: 'Audit' },
    expected: [],
  },
  {
    name: 'nothing where another list keeps it strict',
    spec: { violationAction: 'Audit' },
    before: { violationAction: 'Deny' },
    others: { other: { violationAction: 'Deny' } },
    expected: [],
  },
  {
    name: 'the stricter of two softer actions',
    spec: { violationAction: 'Audit' },
    before: { violationAction: 'Deny' },
    others: { other: { violationAction: 'Strip' } },
    expected: [
      'spec.violationAction: namespace "payments" goes from Deny to Strip: a pod with a role that no list allows goes on without it',
    ],
  },
  {
    name: 'the first of several namespaces, and how many more',
    spec: { namespaces: ['payments', 'analytics'], violationAction: 'Audit' },
    before: { namespaces: ['payments', 'analytics'], violationAction: 'Warn' },
    expected: [
      'spec.violationAction: namespace "analytics" goes from Warn to Audit (softer in 1 more): a pod with a role that no list allows is admitted, told in the audit log alone',
    ],
  },
  {
    name: 'a namespace that is no longer selected',
    spec: { namespaces: ['analytics'] },
    before: { namespaces: ['payments'] },
    settings: { unlistedNamespaces: 'Warn' },
    expected: [
      'spec.namespaces: namespace "payments" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
    ],
  },
  {
    name: 'a namespace that a selector no longer selects',
    spec: { namespaces: ['analytics'] },
    before: { namespaceSelector: { matchLabels: { team: 'payments' } } },
    settings: { unlistedNamespaces: 'Warn' },
    expected: [
      'spec.namespaceSelector: namespace "payments-eu" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
    ],
  },
  {
    name: 'namespaces by their names in either list where the others are not known',
    spec: { namespaces: ['one'], violationAction: 'Strip' },
    before: { namespaces: ['two'], violationAction: 'Deny' },
    settings: { unlistedNamespaces: 'Strip' },
    known: undefined,
    expected: [
      'spec.namespaces: namespace "two" goes from Deny to Strip: a pod with a role that no list allows goes on without it',
    ],
  },

  {
    name: 'a namespace that is not there yet',
    spec: { namespaces: ['staging'], violationAction: 'Warn' },
    before: { namespaces: ['staging'] },
    expected: [
      'spec.violationAction: namespace "staging" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
      `spec.namespaces[0]=staging: ${NO_NAMESPACE}`,
    ],
  },
  {
    name: 'nothing of a namespace that is not there yet where a list by its name or its labels keeps it strict',
    spec: { namespaces: ['staging', 'qa'], violationAction: 'Warn' },
    others: { a: { namespaces: ['stag*'] }, b: byExpression(NAME, 'In', ['qa']) },
    expected: [`spec.namespaces[0]=staging, spec.namespaces[1]=qa: ${NO_NAMESPACE}`],
  },
  {
    name: 'a namespace that is not there and that the list names no longer',
    spec: { namespaces: ['payments'] },
    before: { namespaces: ['payments', 'staging'] },
    settings: { unlistedNamespaces: 'Warn' },
    expected: [
      'spec.namespaces: namespace "staging" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
    ],
  },
  {
    name: 'a glob that matches nothing yet',
    spec: { namespaces: ['staging-*'], violationAction: 'Audit' },
    before: { namespaces: ['staging-*'] },
    expected: [
      'spec.violationAction: namespace "staging-*" goes from Deny to Audit: a pod with a role that no list allows is admitted, told in the audit log alone',
      `spec.namespaces[0]=staging-*: ${NO_MATCH}`,
    ],
  },
  {
    name: 'nothing of a glob that matches nothing yet where one as wide keeps it strict',
    spec: { namespaces: ['staging-*', 'qa-*'], violationAction: 'Audit' },
    others: { a: { namespaces: ['s*-*'] }, b: { namespaces: ['qa-*'] } },
    expected: [`spec.namespaces[0]=staging-*, spec.namespaces[1]=qa-*: ${NO_MATCH}`],
  },
  {
    name: 'a glob that matched nothing and that the list has no longer',
    spec: { namespaces: ['payments'] },
    before: { namespaces: ['payments', 'staging-*'] },
    settings: { unlistedNamespaces: 'Warn' },
    expected: [
      'spec.namespaces: namespace "staging-*" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
    ],
  },
  {
    name: 'a name that a selector takes in and no namespace has',
    spec: { ...byExpression(NAME, 'In', ['payments', 'staging']), violationAction: 'Warn' },
    before: byExpression(NAME, 'In', ['payments', 'staging']),
    others: { other: {} },
    expected: [
      'spec.violationAction: namespace "staging" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
      `spec.namespaceSelector.matchExpressions[0]=staging: ${NO_NAMESPACE}`,
    ],
  },
  {
    name: 'globs where namespaces are not known',
    spec: { namespaces: ['staging-*'], roles: [], violationAction: 'Warn' },
    known: undefined,
    expected: [
      'spec.violationAction: namespace "staging-*" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
    ],
  },
  {
    name: 'nothing of excluded namespaces, there or not',
    spec: { namespaces: ['*', 'staging'], roles: [], violationAction: 'Warn' },
    excluded: ['analytics', 'payments-eu', 'staging'],
    expected: [
      'spec.violationAction: namespace "payments" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning',
      'spec.namespaces[1]=staging: there is no such namespace today, and whoever creates it gets the list',
    ],
  },
  {
    name: 'nothing of a glob that matches an excluded namespace alone',
    spec: { namespaces: ['ana*'], roles: [], violationAction: 'Warn' },
    excluded: ['analytics'],
    expected: [],
  },

  // Conflicts
  {
    name: 'a default that loses to another list',
    spec: { defaultRole: 'reader' },
    others: { a: { roles: ['writer'], defaultRole: 'writer' } },
    expected: [
      'spec.defaultRole=reader: allowlist "a" has the default "writer" for namespace "payments" too; the other sorts first by name, so pods get "writer"',
    ],
  },
  {
    name: 'a default that wins over another list',
    spec: { defaultRole: 'reader' },
    others: { z: { roles: ['writer'], defaultRole: 'writer' } },
    expected: [
      'spec.defaultRole=reader: allowlist "z" has the default "writer" for namespace "payments" too; this list sorts first by name, so pods get "reader"',
    ],
  },
  {
    name: 'another default for a namespace that is not there yet',
    spec: { namespaces: ['staging'], defaultRole: 'reader' },
    others: { a: { namespaces: ['staging'], roles: ['writer'], defaultRole: 'writer' } },
    expected: [
      'spec.defaultRole=reader: allowlist "a" has the default "writer" for namespace "staging" too; the other sorts first by name, so pods get "writer"',
      `spec.namespaces[0]=staging: ${NO_NAMESPACE}`,
    ],
  },
  {
    name: 'another default for a glob that matches nothing yet',
    spec: { namespaces: ['staging-*'], defaultRole: 'reader' },
    others: { a: { namespaces: ['stag*'], roles: ['writer'], defaultRole: 'writer' } },
    expected: [
      'spec.defaultRole=reader: allowlist "a" has the default "writer" for namespace "staging-*" too; the other sorts first by name, so pods get "writer"',
      `spec.namespaces[0]=staging-*: ${NO_MATCH}`,
    ],
  },
  {
    name: 'nothing of another default where no pod gets any',
    spec: { namespaces: ['payments', 'analytics'], defaultRole: 'reader' },
    others: { a: { namespaces: ['payments', 'analytics'], roles: ['writer'], defaultRole: 'writer' } },
    ...{ excluded: ['payments'], unmutated: ['analytics'] },
    expected: [],
  },
  {
    name: 'nothing of a default that was in conflict and is no longer',
    spec: { defaultRole: 'reader' },
    before: { roles: ['writer'], defaultRole: 'writer' },
    others: { a: { defaultRole: 'reader' } },
    expected: [],
  },
];

for (const example of CASES) {
  test(`tells ${example.name}`, () => {
    assert.deepEqual(warningsFor(example), example.expected);
  });
}

for (const { spec, asks } of [
  { spec: { namespaces: ['paymnets'] }, asks: 'did you mean "payments"?' },
  { spec: { namespaces: ['paymnets', 'staging'] }, asks: 'did you mean "payments" by "paymnets"?' },
  { spec: byExpression(NAME, 'In', ['payments', 'analytic']), asks: 'did you mean "analytics"?' },
]) {
  test(`asks whether a namespace that is there was meant by ${JSON.stringify(spec)}`, () => {
    const policy = policyOf([]);
    const namespaces = { known: KNOWN, excluded: [], unmutated: [] };
    const after = compileAllowlist(allowlistOf('list', spec), policy.isProtectedRole);
    const survey = finish(surveyNamespaces(policy, { before: undefined, after }, namespaces, NOW));
    const [warning] = warnOfAllowlist({ before: undefined, after }, survey, policy, NOW);
    assert.equal(warning?.advice, asks);
  });
}
