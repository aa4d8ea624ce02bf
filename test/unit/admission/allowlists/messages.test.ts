import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WIDE_ROLE } from '../../../../src/admission/allowlists/lint.ts';
import type { AdmissionRequest } from '../../../../src/admission/review.ts';
import { decideAllowlistRequest } from '../../../builders/allowlist.ts';
import { allowlistObject } from '../../../builders/allowlist-review.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';

const NAME = 'kubernetes.io/metadata.name';
const INVALID = 'the allowlist is Invalid: it allows nothing, and denies in the namespaces that it selects';
const ROLE =
  'expected a RAM role name of 1 to 64 letters, digits or . _ @ -; * matches any number of characters';
const NARROWER = 'create a role with only the permissions that these pods need';
const NAMESPACES = 'name the namespaces that need these roles';

const CASES: readonly Readonly<{
  name: string;
  spec: Readonly<Record<string, unknown>>;
  expected: readonly string[];
}>[] = [
  { name: 'no warning for an allowlist that is in order', spec: {}, expected: [] },
  {
    name: 'a protected role',
    spec: { roles: ['reader', 'KubernetesWorkerRole-*'] },
    expected: [
      'spec.roles[1] "KubernetesWorkerRole-*": protected role, which no allowlist can allow; remove this entry',
    ],
  },
  {
    name: 'the first two fields, and the number of the others',
    spec: { roles: Array.from({ length: 256 }, (_, index) => `KubernetesWorkerRole-${index}`) },
    expected: [
      'spec.roles[0] "KubernetesWorkerRole-0", spec.roles[1] "KubernetesWorkerRole-1" and 254 more: protected role, which no allowlist can allow; remove this entry',
    ],
  },
  {
    name: 'a protected default, and a pattern that also matches protected roles',
    spec: { roles: ['Kube*'], defaultRole: 'KubernetesWorkerRole-1' },
    expected: [
      'spec.defaultRole "KubernetesWorkerRole-1": protected role, so it is not injected and the allowlist is Invalid; use another role, or remove this field',
      'spec.roles[0] "Kube*": also matches protected roles, which stay denied; name the roles, or use a prefix that no protected role has',
    ],
  },
  {
    name: 'any role and the legacy role',
    spec: { roles: ['*', 'Aliyun*'], defaultRole: WIDE_ROLE },
    expected: [
      'spec.roles[0] "*": allows every role that is not protected, including roles of other teams; name the roles, or use a prefix that only your roles have',
      `spec.roles[1] "Aliyun*": allows ${WIDE_ROLE}, a legacy role with wide permissions; ${NARROWER}`,
      `spec.defaultRole "${WIDE_ROLE}": legacy role with wide permissions, injected into pods that name no role; ${NARROWER}`,
    ],
  },
  {
    name: 'patterns of namespaces',
    spec: { namespaces: ['*', 'pay*'] },
    expected: [
      `spec.namespaces[0] "*": selects every namespace, including future ones; ${NAMESPACES}`,
      'spec.namespaces[1] "pay*": anyone who can create a matching namespace gets these roles; name the namespaces, unless only you can create namespaces',
    ],
  },
  {
    name: 'an empty selector',
    spec: { namespaces: undefined, namespaceSelector: {} },
    expected: [
      `spec.namespaceSelector: empty, so it selects every namespace, including future ones; ${NAMESPACES}`,
    ],
  },
  {
    name: 'a selector of all namespaces but some',
    spec: {
      namespaces: undefined,
      namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['a'] }] },
    },
    expected: [
      `spec.namespaceSelector: also selects future namespaces, so anyone who can create a namespace gets these roles; ${NAMESPACES}`,
    ],
  },
  {
    name: 'a selector by labels',
    spec: { namespaces: undefined, namespaceSelector: { matchLabels: { team: 'a' } } },
    expected: [
      `spec.namespaceSelector.matchLabels "team": anyone who can update a namespace can set or remove this label; use spec.namespaces, or the label ${NAME}`,
    ],
  },
  {
    name: 'an expiry in the past',
    spec: { reason: 'incident', expiresAt: '2020-01-01T00:00:00Z' },
    expected: [
      'spec.expiresAt "2020-01-01T00:00:00Z": in the past, so the allowlist allows nothing; set a later time, or delete the allowlist',
    ],
  },
  {
    name: 'an expiry far ahead',
    spec: { reason: 'incident', expiresAt: '2062-01-01T00:00:00Z' },
    expected: [
      'spec.expiresAt "2062-01-01T00:00:00Z": more than a year ahead; check the year, or remove this field if the allowlist does not expire',
    ],
  },
  {
    name: 'nothing about a new action, which depends on other allowlists that may be written with it',
    spec: { violationAction: 'Warn' },
    expected: [],
  },
  {
    name: 'why an allowlist is Invalid, and nothing else',
    spec: { roles: ['*', 'a b'], injectInto: 'SomePods', violationAction: 'Warn' },
    expected: [
      `spec.roles[1]: ${ROLE}, found "a b"; ${INVALID}`,
      `spec.injectInto: expected EciPods or AllPods, found "SomePods"; ${INVALID}`,
    ],
  },
  {
    name: 'the verdict, however long the name of a field is',
    spec: { ['k'.repeat(400)]: 1 },
    expected: [
      `spec["${'k'.repeat(80)}"…]: expected no such field, found "${'k'.repeat(80)}"…; the allowlist is Invalid`,
    ],
  },
  {
    name: 'the verdict, however long a value is',
    spec: { serviceAccounts: [`acs:ram::${'1'.repeat(200)}:role/${'x'.repeat(200)}`] },
    expected: [
      `spec.serviceAccounts[0]: expected a ServiceAccount of 1 to 253 lower-case letters, digits or . -; * matches any number of characters, found the ARN "acs:ram::${'1'.repeat(70)}…; the allowlist is Invalid`,
    ],
  },
  {
    name: 'one warning for fields whose names begin alike',
    spec: { [`${'k'.repeat(400)}1`]: 1, [`${'k'.repeat(400)}2`]: 1 },
    expected: [
      `spec["${'k'.repeat(80)}"…]: expected no such field, found "${'k'.repeat(80)}"…; the allowlist is Invalid`,
    ],
  },
  {
    name: 'only the first of many problems',
    spec: { roles: ['a b', 'c d', 'e f', 'g h', 'i j'] },
    expected: [
      ...['a b', 'c d', 'e f'].map(
        (role, index) => `spec.roles[${index}]: ${ROLE}, found "${role}"; ${INVALID}`,
      ),
      'the allowlist is Invalid; problems not shown: 2',
    ],
  },
];

for (const { name, spec, expected } of CASES) {
  test(`admits an allowlist and shows ${name}`, () => {
    assert.deepEqual(decideAllowlistRequest({ object: allowlistObject(spec) }), {
      outcome: 'allow',
      reason: 'allowed',
      allowlists: [],
      patch: [],
      warnings: expected,
      auditAnnotations: {},
    });
  });
}

const update = (spec: object, before: object): Partial<AdmissionRequest> => ({
  operation: 'UPDATE',
  object: allowlistObject({ ...spec }),
  oldObject: allowlistObject({ ...before }),
});

for (const { from, to, outcome } of [
  { from: 'Deny', to: 'Warn', outcome: 'are admitted with a warning' },
  { from: 'Strip', to: 'Audit', outcome: 'only appear in the audit log' },
  { from: 'Deny', to: 'Strip', outcome: 'lose the annotation' },
]) {
  test(`shows a change of its own action from ${from} to ${to}`, () => {
    const { warnings } = decideAllowlistRequest(update({ violationAction: to }, { violationAction: from }));
    assert.deepEqual(warnings, [
      `spec.violationAction: changes from ${from} to ${to}: pods with a role that is not allowed ${outcome}, unless another allowlist is stricter; keep ${from} unless you intend this`,
    ]);
  });
}

test('shows nothing about an action that becomes stricter, or that cannot be read before', () => {
  for (const before of ['Audit', 'Maybe']) {
    const { warnings } = decideAllowlistRequest(
      update({ violationAction: 'Warn' }, { violationAction: before }),
    );
    assert.deepEqual(warnings, []);
  }
});

test('shows no warning that depends on other allowlists', () => {
  const others = [
    allowlistOf('a', { violationAction: 'Strip', defaultRole: 'reader' }),
    allowlistOf('b', { defaultRole: 'reader' }),
  ];
  const spec = { violationAction: 'Audit', roles: ['writer'], defaultRole: 'writer' };
  for (const lists of [[], others]) {
    const { warnings } = decideAllowlistRequest({ object: allowlistObject(spec) }, policyOf(lists));
    assert.deepEqual(warnings, []);
  }
});

test('shows that an object is none', () => {
  const { warnings } = decideAllowlistRequest({ object: [] });
  assert.deepEqual(warnings, [`the object: expected an object, found a list of 0; ${INVALID}`]);
});

test('keeps each warning whole, and all of them within what the API server passes on', () => {
  const long = 'x'.repeat(62);
  const { warnings } = decideAllowlistRequest({
    object: allowlistObject({
      namespaces: undefined,
      namespaceSelector: {
        matchLabels: Object.fromEntries(
          Array.from({ length: 60 }, (_, index) => [`${'a'.repeat(250)}/label-${index}`, long]),
        ),
      },
      roles: ['*', 'Aliyun*', 'KubernetesWorkerRole-1', ...Array.from({ length: 250 }, () => `${long}*`)],
      defaultRole: 'KubernetesWorkerRole-1',
      reason: 'incident',
      expiresAt: '2062-01-01T00:00:00Z',
    }),
  });
  assert.ok(warnings.length > 5);
  assert.ok(warnings.every((warning) => warning.length < 256));
  // Beyond 4,096 characters the API server begins to leave warnings out.
  assert.ok(warnings.join('').length < 4_096);
});
