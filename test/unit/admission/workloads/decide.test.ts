import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Decision } from '../../../../src/admission/decision.ts';
import type { AdmissionRequest } from '../../../../src/admission/review.ts';
import type { WorkloadFacts } from '../../../../src/admission/workloads/decide.ts';
import { parseWorkloadChange } from '../../../../src/admission/workloads/read.ts';
import type { Policy } from '../../../../src/policy/policy.ts';
import { readPodCase } from '../../../builders/pod-case.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';
import {
  decideRequest,
  type KindOfWorkload,
  ROLE_KEY,
  requestOf,
  templateOf,
  workloadOf,
} from '../../../builders/workload.ts';

function decide(request: AdmissionRequest, policy: Policy, facts: Partial<WorkloadFacts> = {}): Decision {
  const decision = decideRequest(request, policy, facts);
  assert.ok(decision);
  return decision;
}

/** A warning in a word or two; messages.test.ts asserts the sentences. */
function summarize(warning: string): string {
  const [, role, outcome] =
    /^RAM role "(.*?)" is not .* will be (denied|created without|created with|admitted)/.exec(warning) ?? [];
  const kinds = {
    'will get': 'default',
    'did you mean k8s': 'misspelt',
    'has no effect': 'misplaced',
    '; put k8s': 'misspelt and misplaced',
    'by RRSA': 'RRSA',
  };
  return role === undefined
    ? Object.entries(kinds)
        .filter(([words]) => warning.includes(words))
        .map(([, kind]) => kind)
        .join()
    : `${role} ${outcome}`;
}

const ECI = { 'alibabacloud.com/eci': 'true' };
const PROTECTED = 'KubernetesWorkerRole-1';
const MISSPELT = { 'k8s.aliyun.com/eci-ram-rolename': 'reader' };
const RRSA = { initContainers: [{ name: 'i', env: [{ name: 'ALIBABA_CLOUD_ROLE_ARN' }] }] };
const PAY = allowlistOf('pay', { defaultRole: 'reader', contact: '#pay' });
const LENIENT = allowlistOf('soft', { violationAction: 'Warn' });
const STRIP = allowlistOf('pay', { violationAction: 'Strip', defaultRole: 'reader' });

const deployment = (...args: Parameters<typeof templateOf>) => workloadOf('Deployment', templateOf(...args));
const workflow = (...roles: readonly string[]) => ({
  kind: 'Workflow',
  spec: { templates: roles.map((role) => ({ metadata: { annotations: { [ROLE_KEY]: role } } })) },
});

suite('a creation', () => {
  type Case = Readonly<{
    name: string;
    kind?: KindOfWorkload;
    object: object;
    lists?: readonly ReturnType<typeof allowlistOf>[];
    expected: readonly string[];
    warnings: readonly string[];
  }>;

  const cases: readonly Case[] = [
    {
      name: 'an allowed role: no warning',
      object: deployment('reader'),
      expected: ['allow', 'allowed', 'pay'],
      warnings: [],
    },
    {
      name: 'a role that is not allowed',
      object: deployment('writer'),
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: ['writer denied'],
    },
    {
      name: 'a protected role, under any action',
      object: deployment(PROTECTED),
      lists: [LENIENT],
      expected: ['warn', 'protected', 'soft'],
      warnings: [`${PROTECTED} denied`],
    },
    {
      name: "a role that is not allowed to the pods' ServiceAccount",
      object: deployment('reader', { spec: { serviceAccountName: 'web' } }),
      lists: [allowlistOf('api', { serviceAccounts: ['api'] })],
      expected: ['warn', 'not-allowed', 'api'],
      warnings: ['reader denied'],
    },
    {
      name: 'a role that is replaced by the default',
      object: deployment('writer', { labels: ECI }),
      lists: [STRIP],
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: ['writer created with'],
    },
    {
      name: 'a role that is not allowed, under Warn',
      object: deployment('writer'),
      lists: [LENIENT],
      expected: ['warn', 'not-allowed', 'soft'],
      warnings: ['writer admitted'],
    },
    {
      name: 'a role that is not allowed, under Audit: no warning',
      object: deployment('writer'),
      lists: [allowlistOf('quiet', { violationAction: 'Audit' })],
      expected: ['allow', 'not-allowed', 'quiet'],
      warnings: [],
    },
    {
      name: 'a default',
      object: deployment(undefined, { labels: ECI }),
      expected: ['allow', 'default', 'pay'],
      warnings: ['default'],
    },
    {
      name: 'no default for pods without an ECI marker',
      object: deployment(undefined),
      expected: ['allow', 'no-role', ''],
      warnings: [],
    },
    {
      name: 'no default for a custom kind',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf(undefined, { labels: ECI, annotations: MISSPELT })),
      lists: [allowlistOf('pay', { defaultRole: 'reader', injectInto: 'AllPods' })],
      expected: ['allow', 'no-role', ''],
      warnings: ['misspelt'],
    },
    {
      name: 'a template that is null: no warning',
      kind: 'ReplicationController',
      object: workloadOf('ReplicationController', null),
      expected: ['allow', 'no-role', ''],
      warnings: [],
    },
    {
      name: 'everything at once, the most severe first',
      kind: 'CronJob',
      object: {
        ...workloadOf('CronJob', templateOf('writer', { spec: RRSA })),
        metadata: { annotations: { [ROLE_KEY]: 'reader' } },
      },
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: ['writer denied', 'misplaced', 'RRSA'],
    },
    {
      name: 'RRSA beside an allowed role',
      object: deployment('reader', { spec: RRSA }),
      expected: ['allow', 'allowed', 'pay'],
      warnings: ['RRSA'],
    },
    {
      name: 'RRSA alone: no warning',
      object: deployment(undefined, { spec: RRSA }),
      expected: ['allow', 'no-role', ''],
      warnings: [],
    },
    {
      name: 'a misspelt annotation of the workload itself',
      object: workloadOf('Deployment', templateOf(undefined), { annotations: MISSPELT }),
      expected: ['allow', 'no-role', ''],
      warnings: ['misspelt and misplaced'],
    },
    {
      name: 'a template of a custom kind without a ServiceAccount, which may be any',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf('reader')),
      lists: [allowlistOf('api', { serviceAccounts: ['api'] })],
      expected: ['allow', 'allowed', 'api'],
      warnings: [],
    },
    {
      name: 'a template of a custom kind that names its ServiceAccount',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf('reader', { spec: { serviceAccountName: 'web' } })),
      lists: [allowlistOf('api', { serviceAccounts: ['api'] })],
      expected: ['warn', 'not-allowed', 'api'],
      warnings: ['reader denied'],
    },
    {
      name: 'one warning for a role that is referenced twice',
      kind: 'Workflow',
      object: workflow('reader', 'writer', '{{role}}', 'writer'),
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: ['writer denied'],
    },
    {
      name: 'no default for the stripped pods of a custom kind',
      kind: 'Workflow',
      object: workflow('writer'),
      lists: [allowlistOf('pay', { violationAction: 'Strip', defaultRole: 'reader', injectInto: 'AllPods' })],
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: ['writer created without'],
    },
  ];

  for (const { name, kind = 'Deployment', object, lists = [PAY], expected, warnings } of cases) {
    test(name, () => {
      const decision = decide(requestOf(kind, object), policyOf(lists));
      assert.deepEqual([decision.outcome, decision.reason, decision.allowlists.join(',')], expected);
      assert.deepEqual(decision.warnings.map(summarize), warnings);
      assert.deepEqual([decision.denial, decision.patch, decision.auditAnnotations], [undefined, [], {}]);
    });
  }

  test('the warning for a custom kind shows the first of the paths', () => {
    const { warnings } = decide(
      requestOf('Workflow', workflow('reader', 'writer', 'writer')),
      policyOf([PAY]),
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', / \(at spec\.templates\[1\]\.metadata\.annotations\)$/);
  });

  test('at most ten warnings', () => {
    const roles = Array.from({ length: 15 }, (_, index) => `role-${index}`);
    assert.equal(decide(requestOf('Workflow', workflow(...roles)), policyOf([PAY])).warnings.length, 10);
  });

  for (const { violationAction, outcome } of [
    { violationAction: 'Strip', outcome: 'created without' },
    { violationAction: 'Warn', outcome: 'admitted' },
  ] as const) {
    test(`a denied role comes before one that is ${outcome}`, () => {
      const roles = Array.from({ length: 10 }, (_, index) => `role-${index}`);
      const request = requestOf('Workflow', workflow(...roles, PROTECTED));
      const { warnings, reason } = decide(request, policyOf([allowlistOf('soft', { violationAction })]));
      assert.deepEqual(warnings.map(summarize), [
        `${PROTECTED} denied`,
        ...roles.slice(0, 9).map((role) => `${role} ${outcome}`),
      ]);
      assert.equal(reason, 'protected');
    });
  }

  suite('in a namespace whose pods are not mutated', () => {
    const rows = [
      { role: 'reader', list: STRIP, expected: ['allow', 'allowed'], warnings: [] },
      { role: undefined, list: PAY, expected: ['allow', 'no-role'], warnings: [] },
      { role: 'writer', list: LENIENT, expected: ['warn', 'not-allowed'], warnings: ['writer admitted'] },
      { role: 'writer', list: STRIP, expected: ['warn', 'not-allowed'], warnings: ['writer denied'] },
    ];
    for (const { role, list, expected, warnings } of rows) {
      test(`role ${role} under ${list.spec.violationAction}: ${warnings[0] ?? 'no warning'}`, () => {
        const request = requestOf('Deployment', deployment(role, { labels: ECI }));
        const decision = decide(request, policyOf([list]), { isMutated: false });
        assert.deepEqual([decision.outcome, decision.reason], expected);
        assert.deepEqual(decision.warnings.map(summarize), warnings);
      });
    }
  });
});

suite('under Deny', () => {
  const policy = policyOf([PAY, allowlistOf('api', { roles: ['api-role'], serviceAccounts: ['api'] })]);
  const template = (role: string | undefined, spec: object = {}) => templateOf(role, { spec });
  const OTHER_IMAGE = { containers: [{ name: 'c', image: 'b' }] };
  const API = { serviceAccountName: 'api' };

  const rows: readonly Readonly<{
    name: string;
    before?: object;
    after: object;
    outcome: string;
    warnings?: number;
  }>[] = [
    { name: 'a creation with a denied role', after: template('writer'), outcome: 'deny' },
    { name: 'a creation with a protected role', after: template(PROTECTED), outcome: 'deny' },
    { name: 'a creation with an invalid role', after: template('no role'), outcome: 'deny' },
    { name: 'a creation with a role of another account', after: template('api-role'), outcome: 'deny' },
    { name: 'a creation with an allowed role', after: template('api-role', API), outcome: 'allow' },
    {
      name: 'a denied role after an allowed one',
      before: template('reader'),
      after: template('writer'),
      outcome: 'deny',
    },
    {
      name: 'a denied role after none',
      before: template(undefined),
      after: template('writer'),
      outcome: 'deny',
    },
    { name: 'another denied role', before: template('other'), after: template('writer'), outcome: 'deny' },
    {
      name: 'the same role with a ServiceAccount that may not use it',
      before: template('api-role', API),
      after: template('api-role'),
      outcome: 'deny',
    },
    {
      name: 'a denied role with another ServiceAccount',
      before: template('writer', API),
      after: template('writer'),
      outcome: 'deny',
    },
    {
      name: 'a rollout with a role that was denied before',
      before: template('writer'),
      after: template('writer', OTHER_IMAGE),
      outcome: 'warn',
      warnings: 1,
    },
    {
      name: 'the same with the ServiceAccount default, which pods have without a name',
      before: template('writer'),
      after: template('writer', { ...OTHER_IMAGE, serviceAccountName: 'default' }),
      outcome: 'warn',
      warnings: 1,
    },
    {
      name: 'an allowed role after a denied one',
      before: template('writer'),
      after: template('reader'),
      outcome: 'allow',
    },
    {
      name: 'no role after a denied one',
      before: template('writer'),
      after: template(undefined),
      outcome: 'allow',
    },
    {
      name: 'a denied role where the old template cannot be read',
      before: { metadata: { annotations: { [ROLE_KEY]: 'writer', other: 7 } } },
      after: template('writer'),
      outcome: 'deny',
    },
  ];

  for (const kind of ['Deployment', 'CronJob'] as const) {
    for (const { name, before, after, outcome, warnings = 0 } of rows) {
      test(`a ${kind}: ${name}: ${outcome}`, () => {
        const old = before && workloadOf(kind, before);
        const decision = decide(requestOf(kind, workloadOf(kind, after), old), policy, { action: 'Deny' });
        assert.deepEqual([decision.outcome, decision.warnings.length], [outcome, warnings]);
        assert.equal(decision.denial?.code, outcome === 'deny' ? 403 : undefined);
      });
    }
  }

  test('the denied role has no warning beside its denial, any other problem has', () => {
    const object = workloadOf('Deployment', templateOf('writer', { spec: RRSA }), { annotations: MISSPELT });
    const { warnings, role } = decide(requestOf('Deployment', object), policy, { action: 'Deny' });
    assert.deepEqual([role, warnings.map(summarize)], ['writer', ['misspelt and misplaced', 'RRSA']]);
  });

  for (const kind of ['CloneSet', 'Workflow'] as const) {
    test(`a ${kind} is never denied, since it is a custom kind`, () => {
      const object = { spec: { template: templateOf(PROTECTED, { spec: API }) } };
      for (const before of [undefined, { spec: {} }]) {
        const decision = decide(requestOf(kind, object, before), policy, { action: 'Deny' });
        assert.deepEqual([decision.outcome, decision.reason], ['warn', 'protected']);
        assert.deepEqual([decision.denial, decision.warnings.length], [undefined, 1]);
      }
    });
  }

  for (const violationAction of ['Strip', 'Warn', 'Audit'] as const) {
    test(`nothing is denied if the violation action is ${violationAction}`, () => {
      const soft = policyOf([allowlistOf('soft', { violationAction })]);
      const request = requestOf('Deployment', deployment('writer'));
      assert.equal(decide(request, soft, { action: 'Deny' }).denial, undefined);
    });
  }

  test('a role under Strip is denied if the pods are not mutated, and stays if it was there before', () => {
    const facts = { action: 'Deny', isMutated: false } as const;
    const rollout = deployment('writer', { spec: OTHER_IMAGE });
    const requests = [undefined, deployment('reader'), deployment('writer')].map((before) =>
      requestOf('Deployment', rollout, before),
    );
    assert.deepEqual(
      requests.map((request) => decide(request, policyOf([STRIP]), facts).outcome),
      ['deny', 'deny', 'warn'],
    );
  });

  suite('in a namespace that is not known yet', () => {
    const rows = [
      { role: 'reader', expected: ['allow', 'allowed', 0] },
      { role: 'writer', expected: ['allow', 'unknown-namespace', 0] },
      { role: PROTECTED, expected: ['deny', 'protected', 0] },
      { role: undefined, expected: ['allow', 'no-role', 0] },
    ];
    for (const { role, expected } of rows) {
      test(`role ${role}: ${expected.join(', ')}`, () => {
        const request = requestOf('Deployment', deployment(role, { labels: ECI }));
        const decision = decide(request, policyOf([PAY]), { action: 'Deny', labels: undefined });
        assert.deepEqual([decision.outcome, decision.reason, decision.warnings.length], expected);
      });
    }
  });
});

suite('reviews as an API server sends them', () => {
  const cases = [
    { fixture: 'deployment-create-with-role', role: 'ECIRamRoleTest' },
    { fixture: 'deployment-create-placeholder-role', role: `\${your_ram_role_name}` },
    { fixture: 'deployment-create-without-role', role: undefined },
    { fixture: 'job-create-with-role', role: 'batch-runner' },
    { fixture: 'cronjob-create-with-role', role: 'cron-role' },
    { fixture: 'statefulset-create', role: undefined },
  ];

  for (const { fixture, role } of cases) {
    test(`${fixture} names role ${role}`, () => {
      const change = parseWorkloadChange(readPodCase(`recorded/validate-${fixture}`).request);
      assert.deepEqual(
        change?.after.references.map((reference) => reference.role),
        [role],
      );
    });
  }

  test('a ReplicaSet of a Deployment is not decided', () => {
    const { request } = readPodCase('recorded/validate-replicaset-create-with-role');
    assert.equal(parseWorkloadChange(request), undefined);
  });
});
