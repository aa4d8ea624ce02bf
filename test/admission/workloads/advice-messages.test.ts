import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  defaultWarning,
  misplacedWarning,
  misspeltWarning,
  rrsaWarning,
  workloadDenialMessage,
  workloadWarning,
} from '../../../src/admission/workloads/advice-messages.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import type { AllowlistSpec } from '../../../src/policy/schema/allowlist.ts';
import type { Subject } from '../../../src/policy/subject.ts';
import { allowlistOf, policyOf, subjectOf } from '../../builders/policy.ts';

const DEPLOYMENT = { kind: 'Deployment' };
const MISPLACED = {
  path: 'metadata.annotations',
  role: 'reader',
  belongsIn: 'spec.template.metadata.annotations',
};
const LONG = 'x'.repeat(500);

function violationOf(subject: Subject, spec: Partial<AllowlistSpec>) {
  const evaluation = evaluate(policyOf([allowlistOf('pay', spec)]), subject, 0);
  assert.ok(evaluation.verdict === 'violation');
  return evaluation;
}

suite('what is told of a workload', () => {
  const subject = subjectOf({ requestedRole: 'raeder' });
  const WRONG = 'RAM role "raeder" is not allowed in namespace "payments", pods of this Deployment will be';
  const WHY = 'no allowlist allows it to them; hint: perhaps "reader" is meant';

  const outcomes: readonly Readonly<{ spec: Partial<AllowlistSpec>; warning: string }>[] = [
    { spec: { violationAction: 'Deny' }, warning: `${WRONG} refused: ${WHY}` },
    { spec: { violationAction: 'Strip' }, warning: `${WRONG} stripped of it: ${WHY}` },
    {
      spec: { violationAction: 'Strip', defaultRole: 'reader' },
      warning: `${WRONG} stripped of it and get "reader" by default: ${WHY}`,
    },
    { spec: { violationAction: 'Warn' }, warning: `${WRONG} admitted all the same for now: ${WHY}` },
  ];

  for (const { spec, warning } of outcomes) {
    test(warning, () => {
      assert.equal(workloadWarning(DEPLOYMENT, subject, violationOf(subject, spec)), warning);
    });
  }

  test('names the place where that cannot go without saying', () => {
    const whose = { kind: 'Workflow', path: 'spec.templates[0].metadata.annotations' };
    assert.equal(
      workloadWarning(whose, subject, violationOf(subject, {})),
      `RAM role "raeder" is not allowed in namespace "payments", pods of this Workflow (spec.templates[0].metadata.annotations) will be refused: ${WHY}`,
    );
  });

  test('refuses with all that helps, and no ServiceAccount where none is known', () => {
    const unknown = subjectOf({ requestedRole: 'raeder', serviceAccount: undefined });
    const rest =
      'no allowlist allows it to this pod; hint: perhaps "reader" is meant; allowlists consulted: pay; roles allowed there: reader; ask: #pay';
    const message = (subject: Subject) =>
      workloadDenialMessage(DEPLOYMENT, subject, violationOf(subject, { contact: '#pay' }));

    assert.equal(
      message(subject),
      `pods of this Deployment would be refused: RAM role "raeder" is not allowed for ServiceAccount "default" in namespace "payments": ${rest}`,
    );
    assert.equal(
      message(unknown),
      `pods of this Deployment would be refused: RAM role "raeder" is not allowed in namespace "payments": ${rest}`,
    );
  });

  const others = [
    {
      warning: defaultWarning(DEPLOYMENT, { role: 'reader', allowlist: 'pay', conflictsWith: [] }),
      text: 'pods of this Deployment will get RAM role "reader", the default of allowlist "pay", since they name none',
    },
    {
      warning: misspeltWarning({ kind: '' }, 'k8s.aliyun.com/eci-ram-role\n', 'spec.template'),
      text: 'annotation "k8s.aliyun.com/eci-ram-role\uFFFD" gives pods of this workload no RAM role: perhaps k8s.aliyun.com/eci-ram-role-name is meant; at spec.template',
    },
    {
      warning: misplacedWarning(DEPLOYMENT, {
        ...MISPLACED,
        misspeltKey: undefined,
      }),
      text: 'RAM role "reader" in metadata.annotations of this Deployment has no effect: ECI reads it from pods, put the annotation in spec.template.metadata.annotations',
    },
    {
      warning: misplacedWarning(
        { kind: 'ReplicationController' },
        { ...MISPLACED, misspeltKey: 'k8s.aliyun.com/eci-ram-role-names' },
      ),
      text: 'annotation "k8s.aliyun.com/eci-ram-role-names" gives pods of this ReplicationController no RAM role: perhaps k8s.aliyun.com/eci-ram-role-name is meant, in spec.template.metadata.annotations; at metadata.annotations',
    },
    {
      warning: misplacedWarning(
        { kind: 'CronJob' },
        {
          path: 'spec.jobTemplate.metadata.annotations',
          misspeltKey: 'k8s.aliyun.com/eci-ram-role-names',
          role: 'reader',
          belongsIn: 'spec.jobTemplate.spec.template.metadata.annotations',
        },
      ),
      text: 'annotation "k8s.aliyun.com/eci-ram-role-names" gives pods of this CronJob no RAM role: perhaps k8s.aliyun.com/eci-ram-role-name is meant, in spec.jobTemplate.spec.template.metadata.annotations; at spec.jobTemplate.metadata.annotations',
    },
    {
      warning: rrsaWarning(DEPLOYMENT, 'reader', 'environment variable ALIBABA_CLOUD_ROLE_ARN'),
      text: 'pods of this Deployment ask for RAM role "reader" by annotation and for one by RRSA as well (environment variable ALIBABA_CLOUD_ROLE_ARN): which of them counts is up to the application, keep one',
    },
  ];

  for (const { warning, text } of others) {
    test(text, () => {
      assert.equal(warning, text);
    });
  }

  suite('with long names', () => {
    const kinds = ['Deployment', 'K'.repeat(63)];
    const paths = [
      undefined,
      'spec.templates[0].metadata.annotations',
      `spec.${'p'.repeat(80)}`,
      `spec.${'p'.repeat(300)}`,
    ];
    const roles = ['r'.repeat(64), 'r'.repeat(80), 'r'.repeat(500), '.'.repeat(64)];
    const namespaces = ['payments', 'n'.repeat(63)];
    const rows = kinds.flatMap((kind) =>
      paths.flatMap((path) =>
        roles.flatMap((role) => namespaces.map((namespace) => ({ kind, path, role, namespace }))),
      ),
    );
    const lists: readonly Readonly<{ spec: Partial<AllowlistSpec>; outcome: RegExp }>[] = [
      { spec: { violationAction: 'Deny' }, outcome: / will be refused: / },
      { spec: { violationAction: 'Strip' }, outcome: / will be stripped of it: / },
      {
        spec: { violationAction: 'Strip', defaultRole: 'reader' },
        outcome: / will be stripped of it and get "reader" by default: /,
      },
      {
        spec: { violationAction: 'Strip', defaultRole: 'd'.repeat(64), roles: ['d'.repeat(64)] },
        outcome: / will be stripped of it and get "d+"…? by default: /,
      },
      { spec: { violationAction: 'Warn' }, outcome: / will be admitted all the same for now: / },
    ];
    const REASON = /: (no allowlist allows it to them|no RAM role can have this name)(;.*|…)?$/;

    for (const { spec, outcome } of lists) {
      test(`tells whose pods they are, what comes of them and why: ${outcome}`, () => {
        for (const { kind, path, role, namespace } of rows) {
          const subject = subjectOf({ requestedRole: role, namespace });
          const list = allowlistOf('pay', { namespaces: [namespace], ...spec });
          const evaluation = evaluate(policyOf([list], { unlistedNamespaces: 'Audit' }), subject, 0);
          assert.ok(evaluation.verdict === 'violation');
          const warning = workloadWarning({ kind, path }, subject, evaluation);

          assert.ok(warning.length < 256, warning);
          assert.match(warning, /^RAM role "[r.]{16,80}"…? is not allowed in namespace "[a-z]{8,63}"…?, /);
          assert.match(warning, / pods of this (Deployment|K{16,63}…?)( \(spec[^)]+\))? will /);
          assert.match(warning, outcome);
          assert.match(warning, REASON);
        }
      });
    }

    test('shortens the way to the place before any name, and marks it', () => {
      const subject = subjectOf({ requestedRole: 'w'.repeat(64) });
      const whose = { kind: 'RayCluster', path: `spec.workerGroupSpecs[0].${'x'.repeat(60)}.annotations` };
      assert.equal(
        workloadWarning(whose, subject, violationOf(subject, {})),
        `RAM role "${'w'.repeat(64)}" is not allowed in namespace "payments", pods of this RayCluster (spec.workerGroupSpecs[0].${'x'.repeat(15)}…) will be refused: no allowlist allows it to them`,
      );
    });

    test('names a protected role whole, and what it is', () => {
      const role = `KubernetesWorkerRole-${'x'.repeat(43)}`;
      const subject = subjectOf({ requestedRole: role });
      assert.equal(
        workloadWarning({ kind: 'Workflow', path: LONG }, subject, violationOf(subject, {})),
        `RAM role "${role}" is not allowed in namespace "payments", pods of this Workflow (${'x'.repeat(40)}…) will be refused: it is a protected role, which no allowlist can open`,
      );
    });

    test('begins to name the lists that have expired', () => {
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
        /^RAM role "r{48}"… is not .*, pods of this Workflow will be refused: the allowlists that allowed it have expired \(l+…$/,
      );
    });

    test('marks in a denial the place that is cut', () => {
      const subject = subjectOf({ requestedRole: 'writer' });
      assert.ok(
        workloadDenialMessage({ kind: 'Workflow', path: LONG }, subject, violationOf(subject, {})).startsWith(
          `pods of this Workflow (${'x'.repeat(80)}…) would be refused: RAM role "writer" `,
        ),
      );
    });

    for (const { path, where } of [
      { path: 'x'.repeat(80), where: '' },
      { path: 'x'.repeat(30), where: ` (${'x'.repeat(30)})` },
    ]) {
      test(`tells of two ways to a role${where}`, () => {
        const warning = rrsaWarning(
          { kind: 'K'.repeat(30), path },
          'r'.repeat(64),
          'environment variable ALIBABA_CLOUD_ROLE_ARN',
        );
        const told = `pods of this ${'K'.repeat(30)}${where} ask for RAM role "${'r'.repeat(64)}" by annotation and for one by RRSA as well (environment variable ALIBABA_CLOUD_ROLE_ARN)`;
        assert.ok(warning.startsWith(told), warning);
      });
    }
  });

  test('stays below 256 characters, whatever is long', () => {
    const whose = { kind: LONG, path: LONG };
    const long = subjectOf({ requestedRole: LONG, namespace: LONG });
    const warnings = [
      workloadWarning(whose, long, violationOf(long, {})),
      defaultWarning(whose, { role: LONG, allowlist: LONG, conflictsWith: [] }),
      misspeltWarning(whose, LONG, LONG),
      misplacedWarning(whose, { ...MISPLACED, role: LONG, misspeltKey: undefined }),
      rrsaWarning(whose, LONG, 'environment variable ALIBABA_CLOUD_ROLE_ARN'),
    ];
    assert.deepEqual(
      warnings.filter(({ length }) => length >= 256),
      [],
    );
  });
});
