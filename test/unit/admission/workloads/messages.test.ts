import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { misspeltWarning } from '../../../../src/admission/messages.ts';
import {
  defaultWarning,
  misplacedWarning,
  rrsaWarning,
  workloadDenialMessage,
  workloadWarning,
} from '../../../../src/admission/workloads/messages.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import type { AllowlistSpec } from '../../../../src/policy/schema/allowlist.ts';
import type { Subject } from '../../../../src/policy/subject.ts';
import { allowlistOf, policyOf, subjectOf } from '../../../builders/policy.ts';

const DEPLOYMENT = { kind: 'Deployment' };
const CUSTOM = { kind: 'Workflow', path: 'spec.templates[0].metadata.annotations' };
const MISPLACED = {
  path: 'metadata.annotations',
  misspeltKey: undefined,
  role: 'reader',
  belongsIn: 'spec.template.metadata.annotations',
};
const MISSPELT_KEY = 'k8s.aliyun.com/eci-ram-role-names';
const RRSA = 'environment variable ALIBABA_CLOUD_ROLE_ARN';
const LONG = 'x'.repeat(500);

function violationOf(subject: Subject, spec: Partial<AllowlistSpec> = {}) {
  const evaluation = evaluate(policyOf([allowlistOf('pay', spec)]), subject, 0);
  assert.ok(evaluation.verdict === 'violation');
  return evaluation;
}

suite('the messages about a workload', () => {
  const subject = subjectOf({ requestedRole: 'raeder' });
  const VERDICT = 'RAM role "raeder" is not allowed in namespace "payments"';
  const FIX = 'did you mean "reader"?';

  const rows = [
    {
      message: workloadWarning(DEPLOYMENT, subject, violationOf(subject)),
      text: `${VERDICT}, pods of this Deployment will be denied; ${FIX}`,
    },
    {
      message: workloadWarning(DEPLOYMENT, subject, violationOf(subject, { violationAction: 'Strip' })),
      text: `${VERDICT}, pods of this Deployment will be created without it; ${FIX}`,
    },
    {
      message: workloadWarning(
        DEPLOYMENT,
        subject,
        violationOf(subject, { violationAction: 'Strip', defaultRole: 'reader' }),
      ),
      text: `${VERDICT}, pods of this Deployment will be created with the default role "reader" instead; ${FIX}`,
    },
    {
      message: workloadWarning(DEPLOYMENT, subject, violationOf(subject, { violationAction: 'Warn' })),
      text: `${VERDICT}, pods of this Deployment will be admitted with a warning; ${FIX}`,
    },
    {
      message: workloadWarning(CUSTOM, subject, violationOf(subject)),
      text: `${VERDICT}, pods of this Workflow will be denied; ${FIX} (at spec.templates[0].metadata.annotations)`,
    },
    {
      message: workloadDenialMessage('Deployment', subject, violationOf(subject, { contact: '#pay' })),
      text: 'pods of this Deployment would be denied: RAM role "raeder" is not allowed in namespace "payments"; did you mean "reader"? Allowed for ServiceAccount "default": reader (allowlists: pay). Contact: #pay',
    },
    {
      message: defaultWarning('Deployment', { role: 'reader', allowlist: 'pay', conflictsWith: [] }),
      text: 'pods of this Deployment name no RAM role and will get "reader", the default of allowlist "pay"',
    },
    {
      message: misspeltWarning('', 'k8s.aliyun.com/eci-ram-role\n', 'spec.template'),
      text: 'annotation "k8s.aliyun.com/eci-ram-role\uFFFD" in spec.template of this workload sets no RAM role; did you mean k8s.aliyun.com/eci-ram-role-name?',
    },
    {
      message: misplacedWarning('Deployment', MISPLACED),
      text: 'RAM role "reader" in metadata.annotations of this Deployment has no effect; put the annotation in spec.template.metadata.annotations',
    },
    {
      message: misplacedWarning('ReplicationController', { ...MISPLACED, misspeltKey: MISSPELT_KEY }),
      text: 'annotation "k8s.aliyun.com/eci-ram-role-names" in metadata.annotations of this ReplicationController sets no RAM role; put k8s.aliyun.com/eci-ram-role-name in spec.template.metadata.annotations',
    },
    {
      message: misplacedWarning('CronJob', {
        path: 'spec.jobTemplate.metadata.annotations',
        misspeltKey: MISSPELT_KEY,
        role: 'reader',
        belongsIn: 'spec.jobTemplate.spec.template.metadata.annotations',
      }),
      text: 'annotation "k8s.aliyun.com/eci-ram-role-names" in spec.jobTemplate.metadata.annotations of this CronJob sets no RAM role; put k8s.aliyun.com/eci-ram-role-name in spec.jobTemplate.spec.template.metadata.annotations',
    },
    {
      message: rrsaWarning(DEPLOYMENT, 'reader', RRSA),
      text: 'pods of this Deployment name RAM role "reader" and get one by RRSA too (environment variable ALIBABA_CLOUD_ROLE_ARN); remove one of them, or the application chooses',
    },
  ];

  test('two roles of a pod fit into a warning, however long the names are', () => {
    const warning = rrsaWarning({ kind: LONG, path: LONG }, LONG, RRSA.repeat(5));
    assert.equal(warning.length, 255);
    assert.match(warning, /^pods of this x{19}… name RAM role "x{20}"… and get one by RRSA too/);
  });

  for (const { message, text } of rows) {
    test(text, () => {
      assert.equal(message, text);
    });
  }

  suite('with long names', () => {
    const targets = [
      ...[DEPLOYMENT, { kind: 'K'.repeat(63) }],
      ...['Workflow', 'K'.repeat(63)].flatMap((kind) => [
        { kind, path: 'spec.templates[0].metadata.annotations' },
        { kind, path: `spec.${'p'.repeat(300)}` },
      ]),
    ];
    const roles = ['r'.repeat(64), 'r'.repeat(80), 'r'.repeat(500), '.'.repeat(64)];
    const namespaces = ['payments', 'n'.repeat(63)];
    const cases = targets.flatMap((target) =>
      roles.flatMap((role) => namespaces.map((namespace) => ({ target, role, namespace }))),
    );
    const lists: readonly Readonly<{ spec: Partial<AllowlistSpec>; outcome: RegExp }>[] = [
      { spec: { violationAction: 'Deny' }, outcome: / will be denied/ },
      { spec: { violationAction: 'Strip' }, outcome: / will be created without it/ },
      {
        spec: { violationAction: 'Strip', defaultRole: 'd'.repeat(64), roles: ['d'.repeat(64)] },
        outcome: / will be created with the default role "d+"…? instead/,
      },
      { spec: { violationAction: 'Warn' }, outcome: / will be admitted with a warning/ },
    ];

    for (const { spec, outcome } of lists) {
      test(`a warning shows names, outcome and reason: ${outcome}`, () => {
        for (const { target, role, namespace } of cases) {
          const subject = subjectOf({ requestedRole: role, namespace });
          const list = allowlistOf('pay', { namespaces: [namespace], ...spec });
          const evaluation = evaluate(policyOf([list], { unlistedNamespaces: 'Audit' }), subject, 0);
          assert.ok(evaluation.verdict === 'violation');
          const warning = workloadWarning(target, subject, evaluation);

          assert.ok(warning.length < 256, warning);
          assert.match(
            warning,
            /^RAM role "[r.]{16,80}"…? is not (a RAM role name|allowed in namespace "[a-z]{8,63}"…?), /,
          );
          assert.match(warning, / pods of this (Deployment|Workflow|K{16,63}…?) will /);
          assert.match(warning, outcome);
        }
      });
    }

    test('a path is cut before any name', () => {
      const subject = subjectOf({ requestedRole: 'w'.repeat(64) });
      const target = { kind: 'RayCluster', path: `spec.workerGroupSpecs[0].${'x'.repeat(99)}` };
      const warning = workloadWarning(target, subject, violationOf(subject));
      assert.match(
        warning,
        /^RAM role "w{64}" .* RayCluster will be denied \(at spec\.workerGroupSpecs\[0\]\.x+…$/,
      );
      assert.equal(warning.length, 255);
    });

    test('a protected role is shown whole, with the reason', () => {
      const role = `KubernetesWorkerRole-${'x'.repeat(43)}`;
      const subject = subjectOf({ requestedRole: role });
      const warning = workloadWarning({ kind: 'Workflow', path: LONG }, subject, violationOf(subject));
      const start = `RAM role "${role}" is not allowed in namespace "payments", pods of this Workflow will be denied: no allowlist can allow a protected role (at x`;
      assert.ok(warning.startsWith(start), warning);
    });

    test('an expired allowlist begins to be named', () => {
      const role = 'r'.repeat(64);
      const namespace = 'n'.repeat(63);
      const subject = subjectOf({ requestedRole: role, namespace });
      const list = allowlistOf('l'.repeat(253), {
        ...{ namespaces: [namespace], roles: [role], reason: 'x', expiresAt: '1969-12-31T00:00:00Z' },
      });
      const evaluation = evaluate(policyOf([list]), subject, 0);
      assert.ok(evaluation.verdict === 'violation');
      assert.match(
        workloadWarning({ kind: 'Workflow', path: LONG }, subject, evaluation),
        /^RAM role "r+"…? is not .*, pods of this Workflow will be denied: the allowlist has expired \(l+…$/,
      );
    });

    test('a misspelt key keeps its fix, whatever the path and the kind', () => {
      const warning = misspeltWarning('K'.repeat(63), 'k'.repeat(34), LONG);
      assert.ok(
        warning.endsWith('sets no RAM role; did you mean k8s.aliyun.com/eci-ram-role-name?'),
        warning,
      );
    });

    test('a warning about RRSA keeps its fix, and cuts the path', () => {
      const warning = rrsaWarning({ kind: 'K'.repeat(30), path: LONG }, 'r'.repeat(64), RRSA);
      assert.match(
        warning,
        /^pods of this K+…? name RAM role "r+"…? .*; remove one of them, or the application chooses/,
      );
    });
  });

  test('no warning has more than 255 characters, whatever is long', () => {
    const target = { kind: LONG, path: LONG };
    const long = subjectOf({ requestedRole: LONG, namespace: LONG });
    const warnings = [
      workloadWarning(target, long, violationOf(long)),
      defaultWarning(LONG, { role: LONG, allowlist: LONG, conflictsWith: [] }),
      misspeltWarning(LONG, LONG, LONG),
      misplacedWarning(LONG, { ...MISPLACED, role: LONG }),
      rrsaWarning(target, LONG, RRSA),
    ];
    assert.deepEqual(
      warnings.filter(({ length }) => length > 255),
      [],
    );
  });
});
