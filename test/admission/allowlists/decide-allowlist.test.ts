import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileChange, decideAllowlist } from '../../../src/admission/allowlists/decide-allowlist.ts';
import { parseAllowlistChange } from '../../../src/admission/allowlists/parse-allowlist-change.ts';
import { surveyNamespaces } from '../../../src/admission/allowlists/survey-namespaces.ts';
import type { AdmissionRequest } from '../../../src/admission/review.ts';
import { allowlistObject, allowlistRequest } from '../../builders/allowlist-review.ts';
import { finish } from '../../builders/finish.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const POLICY = policyOf([allowlistOf('other', { roles: ['writer'], defaultRole: 'writer' })]);
const KNOWN = new Map(
  ['payments', ...Array.from({ length: 120 }, (_, index) => `team-${index}`)].map((name) => [
    name,
    new Map<string, string>(),
  ]),
);

function decide(request: Partial<AdmissionRequest>, { isLate = false, policy = POLICY } = {}) {
  const change = parseAllowlistChange(allowlistRequest(request));
  assert.ok(change);
  const compiled = compileChange(change, policy);
  const survey = finish(
    surveyNamespaces(policy, compiled, { known: KNOWN, excluded: [], unmutated: [] }, NOW),
    isLate,
  );
  return decideAllowlist(change, compiled, survey, policy, NOW);
}

const CASES: readonly Readonly<{
  name: string;
  spec: Readonly<Record<string, unknown>>;
  before?: Readonly<Record<string, unknown>>;
  expected: readonly string[];
}>[] = [
  { name: 'nothing of a list that is as it should be', spec: {}, expected: [] },
  {
    name: 'where, what it leads to, and what to do',
    spec: { roles: ['reader', 'KubernetesWorkerRole-*'] },
    expected: [
      'spec.roles[1] "KubernetesWorkerRole-*": protected, which no list can open, so it has no effect; take it out',
    ],
  },
  {
    name: 'two places, and how many more',
    spec: { roles: Array.from({ length: 256 }, (_, index) => `KubernetesWorkerRole-${index}`) },
    expected: [
      'spec.roles[0] "KubernetesWorkerRole-0", spec.roles[1] "KubernetesWorkerRole-1" and 254 more: protected, which no list can open, so it has no effect; take it out',
    ],
  },
  {
    name: 'a conflict and a softer action',
    spec: { defaultRole: 'reader', namespaces: ['payments', 'team-1'], violationAction: 'Audit' },
    before: { namespaces: ['team-1'] },
    expected: [
      'spec.violationAction: namespace "team-1" goes from Deny to Audit: a pod with a role that no list allows is admitted, told in the audit log alone; keep Deny unless you mean it',
      'spec.defaultRole "reader": allowlist "other" has the default "writer" for namespace "payments" too; this list sorts first by name, so pods get "reader"; leave one of them out',
    ],
  },
  {
    name: 'why a list will be Invalid, and nothing else of what it says',
    spec: { roles: ['*', 'a b'], injectInto: 'SomePods' },
    expected: [
      'spec.roles[1]: expected a RAM role name of 1 to 64 letters, digits or . _ @ -; * matches any number of characters, found "a b"; the list will be Invalid: it allows nothing, and denies in the namespaces it selects',
      'spec.injectInto: expected EciPods or AllPods, found "SomePods"; the list will be Invalid: it allows nothing, and denies in the namespaces it selects',
    ],
  },
  {
    name: 'what comes of a field, however long its name is',
    spec: { ['k'.repeat(400)]: 1 },
    expected: [
      `spec["${'k'.repeat(80)}"…]: expected no such field, found "${'k'.repeat(80)}"…; the list will be Invalid`,
    ],
  },
  {
    name: 'what comes of a value, however much is to be said of it',
    spec: { serviceAccounts: [`acs:ram::${'1'.repeat(200)}:role/${'x'.repeat(200)}`] },
    expected: [
      `spec.serviceAccounts[0]: expected a ServiceAccount of 1 to 253 lower-case letters, digits or . -; * matches any number of characters, found the ARN "acs:ram::${'1'.repeat(71)}"…: use…; the list will be Invalid`,
    ],
  },
  {
    name: 'once of several fields whose names begin alike that there are none such',
    spec: { [`${'k'.repeat(400)}1`]: 1, [`${'k'.repeat(400)}2`]: 1 },
    expected: [
      `spec["${'k'.repeat(80)}"…]: expected no such field, found "${'k'.repeat(80)}"…; the list will be Invalid`,
    ],
  },
  {
    name: 'only some of many problems',
    spec: { roles: ['a b', 'c d', 'e f', 'g h', 'i j'] },
    expected: [
      ...['a b', 'c d', 'e f'].map(
        (role, index) =>
          `spec.roles[${index}]: expected a RAM role name of 1 to 64 letters, digits or . _ @ -; * matches any number of characters, found "${role}"; the list will be Invalid: it allows nothing, and denies in the namespaces it selects`,
      ),
      '2 more like the above make the list Invalid',
    ],
  },
];

for (const { name, spec, before, expected } of CASES) {
  test(`lets an allowlist pass and tells ${name}`, () => {
    const object = allowlistObject(spec);
    const request =
      before === undefined ? { object } : { operation: 'UPDATE', object, oldObject: allowlistObject(before) };
    assert.deepEqual(decide(request), {
      outcome: 'allow',
      reason: 'allowed',
      allowlists: [],
      patch: [],
      warnings: expected,
      auditAnnotations: {},
    });
  });
}

test('tells of a list that will be Invalid which namespace it lets go of', () => {
  const { warnings } = decide(
    {
      operation: 'UPDATE',
      object: allowlistObject({ namespaces: ['team-2'], colour: 'red' }),
      oldObject: allowlistObject(),
    },
    { policy: policyOf([], { unlistedNamespaces: 'Warn' }) },
  );
  assert.deepEqual(warnings, [
    'spec.colour: expected no such field, found "colour"; the list will be Invalid: it allows nothing, and denies in the namespaces it selects',
    'spec.namespaces: namespace "payments" goes from Deny to Warn: a pod with a role that no list allows is admitted with a warning; keep Deny unless you mean it',
  ]);
});

test('tells what there was no time for', () => {
  const { warnings } = decide(
    { object: allowlistObject({ namespaces: ['team-*', 'payments'] }) },
    { isLate: true },
  );
  assert.deepEqual(warnings, [
    'spec.namespaces[0] "team-*": whoever may create namespaces can create one that it matches, and so get these roles; name the namespaces, unless only you may create any',
    '120 namespaces were left out for want of time: the list may soften or contradict what holds there; see kubectl get ramroleallowlists',
  ]);
});

test('says of what is no object that it is none', () => {
  const { warnings } = decide({ object: [] });
  assert.deepEqual(warnings, [
    'the object: expected an object, found a list of 0; the list will be Invalid: it allows nothing, and denies in the namespaces it selects',
  ]);
});

test('stays within what the API server passes on, whatever a list says', () => {
  const long = 'x'.repeat(62);
  const { warnings } = decide({
    operation: 'UPDATE',
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
    oldObject: allowlistObject({ namespaces: ['*'], violationAction: 'Deny' }),
  });
  assert.ok(warnings.length > 5);
  assert.ok(warnings.every((warning) => warning.length < 256));
  // Beyond 4,096 characters the API server begins to leave warnings out.
  assert.ok(warnings.join('').length < 4_096);
});
