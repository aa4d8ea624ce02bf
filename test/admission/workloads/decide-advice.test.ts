import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ActiveEnforcementAction, Decision } from '../../../src/admission/decision.ts';
import type { AdmissionRequest } from '../../../src/admission/review.ts';
import { type AdviceBasis, decideAdvice } from '../../../src/admission/workloads/decide-advice.ts';
import { parseWorkloadChange } from '../../../src/admission/workloads/workload-change.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { readPodCase } from '../../builders/pod-case.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';
import { type KindOfWorkload, ROLE_KEY, requestOf, templateOf, workloadOf } from '../../builders/workload.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

function advise(
  request: AdmissionRequest,
  policy: Policy,
  action: ActiveEnforcementAction = 'Warn',
  basis: Partial<AdviceBasis> = {},
): Decision {
  const change = parseWorkloadChange(request);
  assert.ok(change);
  return decideAdvice(change, {
    ...{ policy, action, isMutated: true, now: NOW, labels: new Map() },
    ...basis,
  });
}

const ECI = { 'alibabacloud.com/eci': 'true' };
const MISSPELT = { 'k8s.aliyun.com/eci-ram-rolename': 'reader' };
const RRSA = { initContainers: [{ name: 'i', env: [{ name: 'ALIBABA_CLOUD_ROLE_ARN' }] }] };
const PAY = allowlistOf('pay', { defaultRole: 'reader', contact: '#pay' });
const lenient = allowlistOf('soft', { violationAction: 'Warn' });

const refusedWarning = (kind: string, role = 'writer') =>
  `RAM role "${role}" is not allowed in namespace "payments", pods of this ${kind} will be refused: no allowlist allows it to them`;
const DEFAULT_WARNING = (kind: string) =>
  `pods of this ${kind} will get RAM role "reader", the default of allowlist "pay", since they name none`;

const workflow = (...roles: readonly string[]) => ({
  kind: 'Workflow',
  spec: { templates: roles.map((role) => ({ metadata: { annotations: { [ROLE_KEY]: role } } })) },
});

suite('advice on a creation', () => {
  type Case = Readonly<{
    name: string;
    kind?: KindOfWorkload;
    object: object;
    lists?: readonly ReturnType<typeof allowlistOf>[];
    expected: readonly string[];
    warnings: readonly string[];
  }>;
  const deployment = (...args: Parameters<typeof templateOf>) =>
    workloadOf('Deployment', templateOf(...args));

  const cases: readonly Case[] = [
    {
      name: 'says nothing of an allowed role',
      object: deployment('reader'),
      expected: ['allow', 'allowed', 'pay'],
      warnings: [],
    },
    {
      name: 'warns of pods that will be refused',
      object: deployment('writer'),
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: [refusedWarning('Deployment')],
    },
    {
      name: 'warns of a protected role, under any action',
      object: deployment('KubernetesWorkerRole-1'),
      lists: [lenient],
      expected: ['warn', 'protected', 'soft'],
      warnings: [
        'RAM role "KubernetesWorkerRole-1" is not allowed in namespace "payments", pods of this Deployment will be refused: it is a protected role, which no allowlist can open',
      ],
    },
    {
      name: "warns of what is wrong for the pods' ServiceAccount alone",
      object: deployment('reader', { spec: { serviceAccountName: 'web' } }),
      lists: [allowlistOf('api', { serviceAccounts: ['api'] })],
      expected: ['warn', 'not-allowed', 'api'],
      warnings: [`${refusedWarning('Deployment', 'reader')}; hint: it is allowed to pods that run as api`],
    },
    {
      name: 'warns of pods that will be stripped',
      object: deployment('writer', { labels: ECI }),
      lists: [allowlistOf('pay', { violationAction: 'Strip', defaultRole: 'reader' })],
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: [
        'RAM role "writer" is not allowed in namespace "payments", pods of this Deployment will be stripped of it and get "reader" by default: no allowlist allows it to them',
      ],
    },
    {
      name: 'warns of pods that are admitted for now',
      object: deployment('writer'),
      lists: [lenient],
      expected: ['warn', 'not-allowed', 'soft'],
      warnings: [
        'RAM role "writer" is not allowed in namespace "payments", pods of this Deployment will be admitted all the same for now: no allowlist allows it to them',
      ],
    },
    {
      name: 'says nothing where the platform team chose to audit only',
      object: deployment('writer'),
      lists: [allowlistOf('quiet', { violationAction: 'Audit' })],
      expected: ['allow', 'not-allowed', 'quiet'],
      warnings: [],
    },
    {
      name: 'tells of a default',
      object: deployment(undefined, { labels: ECI }),
      expected: ['allow', 'default', 'pay'],
      warnings: [DEFAULT_WARNING('Deployment')],
    },
    {
      name: 'tells of no default where the pods are no targets',
      object: deployment(undefined),
      expected: ['allow', 'no-role', ''],
      warnings: [],
    },
    {
      name: 'tells of no default where the kind is not known',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf(undefined, { labels: ECI, annotations: MISSPELT })),
      expected: ['allow', 'no-role', ''],
      warnings: [
        'annotation "k8s.aliyun.com/eci-ram-rolename" gives pods of this CloneSet no RAM role: perhaps k8s.aliyun.com/eci-ram-role-name is meant; at spec.template.metadata.annotations',
      ],
    },
    {
      name: 'says nothing of a template that is null',
      kind: 'ReplicationController',
      object: workloadOf('ReplicationController', null),
      expected: ['allow', 'no-role', ''],
      warnings: [],
    },
    {
      name: 'tells of all that is odd, the gravest first',
      kind: 'CronJob',
      object: {
        ...workloadOf('CronJob', templateOf('writer', { spec: RRSA })),
        metadata: { annotations: { [ROLE_KEY]: 'reader' } },
      },
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: [
        refusedWarning('CronJob'),
        'RAM role "reader" in metadata.annotations of this CronJob has no effect: ECI reads it from pods, put the annotation in spec.jobTemplate.spec.template.metadata.annotations',
        'pods of this CronJob ask for RAM role "writer" by annotation and for one by RRSA as well (environment variable ALIBABA_CLOUD_ROLE_ARN): which of them counts is up to the application, keep one',
      ],
    },
    {
      name: 'tells of RRSA beside a role that is allowed',
      object: deployment('reader', { spec: RRSA }),
      expected: ['allow', 'allowed', 'pay'],
      warnings: [
        'pods of this Deployment ask for RAM role "reader" by annotation and for one by RRSA as well (environment variable ALIBABA_CLOUD_ROLE_ARN): which of them counts is up to the application, keep one',
      ],
    },
    {
      name: 'says nothing of RRSA alone',
      object: deployment(undefined, { spec: RRSA }),
      expected: ['allow', 'no-role', ''],
      warnings: [],
    },
    {
      name: 'tells of a misspelt annotation of the workload itself, and where it belongs',
      object: workloadOf('Deployment', templateOf(undefined), { annotations: MISSPELT }),
      expected: ['allow', 'no-role', ''],
      warnings: [
        'annotation "k8s.aliyun.com/eci-ram-rolename" gives pods of this Deployment no RAM role: perhaps k8s.aliyun.com/eci-ram-role-name is meant, in spec.template.metadata.annotations; at metadata.annotations',
      ],
    },
    {
      name: 'takes the ServiceAccount of a template of an unknown kind for any where it names none',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf('reader')),
      lists: [allowlistOf('api', { serviceAccounts: ['api'] })],
      expected: ['allow', 'allowed', 'api'],
      warnings: [],
    },
    {
      name: 'judges a template of an unknown kind by the ServiceAccount that it names',
      kind: 'CloneSet',
      object: workloadOf('CloneSet', templateOf('reader', { spec: { serviceAccountName: 'web' } })),
      lists: [allowlistOf('api', { serviceAccounts: ['api'] })],
      expected: ['warn', 'not-allowed', 'api'],
      warnings: [
        `${refusedWarning('CloneSet (spec.template.metadata.annotations)', 'reader')}; hint: it is allowed to pods that run as api`,
      ],
    },
    {
      name: 'tells once of a role that is in many places, with the first of them',
      kind: 'Workflow',
      object: workflow('reader', 'writer', '{{role}}', 'writer'),
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: [refusedWarning('Workflow (spec.templates[1].metadata.annotations)')],
    },
    {
      name: 'takes the ServiceAccount that it does not know for any that is allowed',
      kind: 'Workflow',
      object: workflow('reader'),
      lists: [allowlistOf('api', { serviceAccounts: ['api'] })],
      expected: ['allow', 'allowed', 'api'],
      warnings: [],
    },
    {
      name: 'foresees no default for pods of which it knows nothing',
      kind: 'Workflow',
      object: workflow('writer'),
      lists: [allowlistOf('pay', { violationAction: 'Strip', defaultRole: 'reader', injectInto: 'AllPods' })],
      expected: ['warn', 'not-allowed', 'pay'],
      warnings: [
        'RAM role "writer" is not allowed in namespace "payments", pods of this Workflow (spec.templates[0].metadata.annotations) will be stripped of it: no allowlist allows it to them',
      ],
    },
  ];

  for (const { name, kind = 'Deployment', object, lists = [PAY], expected, warnings } of cases) {
    test(name, () => {
      const decision = advise(requestOf(kind, object), policyOf(lists));
      assert.deepEqual([decision.outcome, decision.reason, decision.allowlists.join(',')], expected);
      assert.deepEqual(decision.warnings, warnings);
      assert.deepEqual([decision.denial, decision.patch, decision.auditAnnotations], [undefined, [], {}]);
    });
  }

  suite('in a namespace whose pods are not mutated', () => {
    const strip = allowlistOf('pay', { violationAction: 'Strip', defaultRole: 'reader' });
    const rows = [
      { role: 'reader', list: strip, expected: ['allow', 'allowed'], says: undefined },
      { role: undefined, list: PAY, expected: ['allow', 'no-role'], says: undefined },
      { role: 'writer', list: lenient, expected: ['warn', 'not-allowed'], says: /admitted all the same/ },
      { role: 'writer', list: strip, expected: ['warn', 'not-allowed'], says: /will be refused: no allow/ },
    ];
    for (const { role, list, expected, says } of rows) {
      test(`foretells of role ${role} where the action is ${list.spec.violationAction} what comes of it`, () => {
        const request = requestOf('Deployment', deployment(role, { labels: ECI }));
        const {
          outcome: decision,
          reason,
          warnings,
        } = advise(request, policyOf([list]), 'Warn', {
          isMutated: false,
        });
        assert.deepEqual([decision, reason, warnings.length], [...expected, says === undefined ? 0 : 1]);
        assert.match(warnings[0] ?? '', says ?? /^$/);
      });
    }

    test('refuses under Deny what would be stripped elsewhere', () => {
      const request = requestOf('Deployment', deployment('writer'));
      const [here, elsewhere] = [false, true].map((isMutated) =>
        advise(request, policyOf([strip]), 'Deny', { isMutated }),
      );
      assert.deepEqual([here?.denial?.code, elsewhere?.denial], [403, undefined]);
    });
  });

  test('tells of ten roles at most', () => {
    const roles = Array.from({ length: 15 }, (_, index) => `role-${index}`);
    assert.equal(advise(requestOf('Workflow', workflow(...roles)), policyOf([PAY])).warnings.length, 10);
  });

  for (const { violationAction, outcome } of [
    { violationAction: 'Strip', outcome: 'stripped' },
    { violationAction: 'Warn', outcome: 'admitted' },
  ] as const) {
    test(`tells of what is refused before what is ${outcome}, wherever it stands`, () => {
      const roles = Array.from({ length: 10 }, (_, index) => `role-${index}`);
      const request = requestOf('Workflow', workflow(...roles, 'KubernetesWorkerRole-1'));
      const { warnings, reason } = advise(request, policyOf([allowlistOf('soft', { violationAction })]));
      assert.deepEqual(
        warnings.map((text) => /RAM role "(.*?)".* will be (\w+)/.exec(text)?.slice(1)),
        [['KubernetesWorkerRole-1', 'refused'], ...roles.slice(0, 9).map((role) => [role, outcome])],
      );
      assert.equal(reason, 'protected');
    });
  }

  suite('in a namespace that is not known yet', () => {
    const rows = [
      { role: 'reader', expected: ['allow', 'allowed', 0] },
      { role: 'writer', expected: ['allow', 'unknown-namespace', 0] },
      { role: 'KubernetesWorkerRole-1', expected: ['deny', 'protected', 0] },
      { role: undefined, expected: ['allow', 'no-role', 0] },
    ];
    for (const { role, expected } of rows) {
      test(`says of ${role}: ${expected[1]}`, () => {
        const request = requestOf('Deployment', deployment(role, { labels: ECI }));
        const {
          outcome: decision,
          reason,
          warnings,
        } = advise(request, policyOf([PAY]), 'Deny', {
          labels: undefined,
        });
        assert.deepEqual([decision, reason, warnings.length], expected);
      });
    }
  });
});

suite('advice on a change under Deny', () => {
  const deployment = (role: string | undefined, spec: object = {}) =>
    workloadOf('Deployment', templateOf(role, { spec }));
  const image = (image: string) => ({ containers: [{ name: 'c', image }] });
  const policy = policyOf([PAY, allowlistOf('api', { roles: ['api-role'], serviceAccounts: ['api'] })]);

  const rows: readonly Readonly<{
    name: string;
    kind?: KindOfWorkload;
    object: object;
    before: object | undefined;
    decision: string;
    warnings: number;
  }>[] = [
    { name: 'a creation', object: deployment('writer'), before: undefined, decision: 'deny', warnings: 0 },
    {
      name: 'a role that was right before',
      object: deployment('writer'),
      before: deployment('reader'),
      decision: 'deny',
      warnings: 0,
    },
    {
      name: 'a role where there was none',
      object: deployment('writer'),
      before: deployment(undefined),
      decision: 'deny',
      warnings: 0,
    },
    {
      name: 'another wrong role',
      object: deployment('writer'),
      before: deployment('other'),
      decision: 'deny',
      warnings: 0,
    },
    {
      name: 'the same role for another ServiceAccount',
      object: deployment('api-role'),
      before: deployment('api-role', { serviceAccountName: 'api' }),
      decision: 'deny',
      warnings: 0,
    },
    {
      name: 'a rollout of what was wrong before',
      object: deployment('writer', image('b')),
      before: deployment('writer', image('a')),
      decision: 'warn',
      warnings: 1,
    },
    {
      name: 'a step to a right role',
      object: deployment('reader'),
      before: deployment('writer'),
      decision: 'allow',
      warnings: 0,
    },
    {
      name: 'one more place with a role that was wrong before',
      kind: 'Workflow',
      object: workflow('writer', 'writer'),
      before: workflow('writer'),
      decision: 'deny',
      warnings: 0,
    },
    {
      name: 'one place less',
      kind: 'Workflow',
      object: workflow('writer'),
      before: workflow('writer', 'writer'),
      decision: 'warn',
      warnings: 1,
    },
    {
      name: 'a new wrong role beside an old one',
      kind: 'Workflow',
      object: workflow('writer', 'other'),
      before: workflow('writer'),
      decision: 'deny',
      warnings: 1,
    },
  ];

  for (const { name, kind = 'Deployment', object, before, decision, warnings } of rows) {
    test(`says ${decision} to ${name}`, () => {
      const outcome = advise(requestOf(kind, object, before), policy, 'Deny');
      assert.deepEqual([outcome.outcome, outcome.warnings.length], [decision, warnings]);
      assert.equal(outcome.denial?.code, decision === 'deny' ? 403 : undefined);
    });
  }

  for (const violationAction of ['Strip', 'Warn', 'Audit'] as const) {
    test(`refuses nothing where pods meet ${violationAction}`, () => {
      const soft = policyOf([allowlistOf('soft', { violationAction })]);
      assert.equal(advise(requestOf('Deployment', deployment('writer')), soft, 'Deny').denial, undefined);
    });
  }

  test('tells all that helps', () => {
    assert.deepEqual(advise(requestOf('Deployment', deployment('writer')), policyOf([PAY]), 'Deny').denial, {
      code: 403,
      reason: 'Forbidden',
      message:
        'pods of this Deployment would be refused: RAM role "writer" is not allowed for ServiceAccount "default" in namespace "payments": no allowlist allows it to this pod; allowlists consulted: pay; roles allowed there: reader; ask: #pay',
    });
  });
});

suite('advice on reviews as an API server sends them', () => {
  const cases = [
    { recorded: 'deployment-create-with-role', role: 'ECIRamRoleTest' },
    { recorded: 'deployment-create-placeholder-role', role: `\${your_ram_role_name}` },
    { recorded: 'deployment-create-without-role', role: undefined },
    { recorded: 'job-create-with-role', role: 'batch-runner' },
    { recorded: 'cronjob-create-with-role', role: 'cron-role' },
    { recorded: 'statefulset-create', role: undefined },
  ];

  for (const { recorded, role } of cases) {
    test(`finds in ${recorded} the role ${role}`, () => {
      const change = parseWorkloadChange(readPodCase(`recorded/validate-${recorded}`).request);
      assert.deepEqual(
        change?.after.places.map((place) => place.role),
        [role],
      );
    });
  }

  test('passes a ReplicaSet of a Deployment', () => {
    const { request } = readPodCase('recorded/validate-replicaset-create-with-role');
    assert.equal(parseWorkloadChange(request), undefined);
  });
});
