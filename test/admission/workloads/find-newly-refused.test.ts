import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decideAdvice } from '../../../src/admission/workloads/decide-advice.ts';
import { parseWorkloadChange } from '../../../src/admission/workloads/workload-change.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';
import { type KindOfWorkload, ROLE_KEY, requestOf, templateOf, workloadOf } from '../../builders/workload.ts';

// `billing` is right for batch-1 alone; `writer`, `revoked` and `other` for nobody.
const policy = policyOf([
  allowlistOf('reader', { roles: ['reader'] }),
  allowlistOf('billing', { roles: ['billing'], serviceAccounts: ['batch-*'] }),
]);

/** Where the pods are that the denial names; `passes` where there is none. */
function refusedPods(kind: KindOfWorkload, object: object, before: object): string {
  const change = parseWorkloadChange(requestOf(kind, object, before));
  const basis = {
    ...{ policy, action: 'Deny' as const, isMutated: true, now: 0 },
    labels: new Map(),
  };
  const denial = change && decideAdvice(change, basis).denial;
  return denial === undefined ? 'passes' : (/^pods of this (.*) would be/.exec(denial.message)?.[1] ?? '');
}

/** A template for a role and a ServiceAccount, such as `billing/web`; empty for one that names no role. */
const pods = (what: string) => {
  const [role, serviceAccountName] = what.split('/');
  return templateOf(role || undefined, { spec: serviceAccountName ? { serviceAccountName } : {} });
};
const groups = (list: readonly string[]) => list.map((what) => ({ template: pods(what) }));
const ray = (head: string, ...workers: readonly string[]) => ({
  spec: { headGroupSpec: { template: pods(head) }, workerGroupSpecs: groups(workers) },
});
const two = (a: string, b: string) => ({ spec: { a: { template: pods(a) }, b: { template: pods(b) } } });
const volcano = (...tasks: readonly string[]) => ({ spec: { tasks: groups(tasks) } });
const spark = (driver: string, executor: string) => ({
  spec: {
    driver: { annotations: { [ROLE_KEY]: driver } },
    executor: { annotations: { [ROLE_KEY]: executor } },
  },
});
const deployment = (what: string) => workloadOf('Deployment', pods(what));

suite('what a change itself made wrong', () => {
  const ANNOTATIONS = 'template.metadata.annotations';
  const task = (index: number) => `CloneSet (spec.tasks[${index}].${ANNOTATIONS})`;
  const cases: readonly Readonly<{
    name: string;
    kind?: KindOfWorkload;
    before: object;
    after: object;
    expected: string;
  }>[] = [
    {
      name: 'the place that changed, where a later one was wrong already',
      before: two('billing/batch-1', 'billing/web'),
      after: two('billing/new', 'billing/web'),
      expected: `CloneSet (spec.a.${ANNOTATIONS})`,
    },
    {
      name: 'the driver that changed, where the executor was wrong already',
      before: spark('reader', 'writer'),
      after: spark('writer', 'writer'),
      expected: 'CloneSet (spec.driver.annotations)',
    },
    {
      name: 'a worker that got the ServiceAccount of a head that was set right',
      before: ray('billing/web', 'billing/batch-1'),
      after: ray('', 'billing/web'),
      expected: `CloneSet (spec.workerGroupSpecs[0].${ANNOTATIONS})`,
    },
    {
      name: 'a worker that got the role of a head that was set right',
      before: ray('writer', ''),
      after: ray('', 'writer'),
      expected: `CloneSet (spec.workerGroupSpecs[0].${ANNOTATIONS})`,
    },
    {
      name: 'one more of what was wrong already',
      before: volcano('revoked'),
      after: volcano('revoked', 'revoked'),
      expected: task(1),
    },
    {
      name: 'a new one of the same role before what was wrong already',
      before: volcano('billing/web'),
      after: volcano('billing/new', 'billing/web'),
      expected: task(0),
    },
    {
      name: 'another wrong role in the same place',
      before: volcano('revoked'),
      after: volcano('other'),
      expected: task(0),
    },
    {
      name: 'a role that was still to be filled in',
      before: volcano('{{role}}', 'writer'),
      after: volcano('writer', 'writer'),
      expected: task(0),
    },
    {
      name: 'the same role for another ServiceAccount',
      kind: 'Deployment',
      before: deployment('billing/batch-1'),
      after: deployment('billing/web'),
      expected: 'Deployment',
    },
    {
      name: 'nothing that may be for no pod, such as the metadata of a Job',
      before: { spec: { jobTemplate: { ...pods('reader'), spec: { template: pods('reader') } } } },
      after: { spec: { jobTemplate: { ...pods('writer'), spec: { template: pods('reader') } } } },
      expected: 'passes',
    },
    {
      name: 'nothing in a list that is in another order',
      before: volcano('reader', 'revoked', 'billing/web'),
      after: volcano('billing/web', 'reader', 'revoked'),
      expected: 'passes',
    },
    {
      name: 'nothing behind what is inserted',
      before: volcano('revoked', 'billing/web'),
      after: volcano('reader', 'revoked', '', 'billing/web'),
      expected: 'passes',
    },
    {
      name: 'nothing behind what is removed',
      before: volcano('reader', 'revoked', 'billing/web'),
      after: volcano('billing/web'),
      expected: 'passes',
    },
    {
      name: 'nothing where another place is set right',
      before: ray('revoked', 'billing/web'),
      after: ray('reader', 'billing/web'),
      expected: 'passes',
    },
    {
      name: 'nothing where the same place is as wrong for another ServiceAccount',
      before: volcano('revoked/web', 'reader'),
      after: volcano('revoked/api', 'reader'),
      expected: 'passes',
    },
    {
      name: 'nothing where the one template is as wrong for another ServiceAccount',
      kind: 'Deployment',
      before: deployment('billing/web'),
      after: deployment('billing/api'),
      expected: 'passes',
    },
  ];

  for (const { name, kind = 'CloneSet', before, after, expected } of cases) {
    test(`is ${name}`, () => {
      assert.equal(refusedPods(kind, after, before), expected);
    });
  }

  const many = (count: number, ...last: readonly string[]) =>
    volcano(...Array.from({ length: count }, () => 'reader'), ...last);
  const large = [
    {
      name: 'nothing where what was wrong lay beyond the hundredth place',
      before: many(120, 'revoked'),
      after: many(60, 'revoked'),
      expected: 'passes',
    },
    {
      name: 'another role in an object that had more than a hundred places',
      before: many(120, 'revoked'),
      after: many(60, 'other'),
      expected: task(60),
    },
    {
      name: 'nothing in an object of which not all is known as it was',
      before: many(1000, 'revoked'),
      after: many(60, 'revoked'),
      expected: 'passes',
    },
    {
      name: 'no cause for advice beyond the hundredth place',
      before: many(120, 'reader'),
      after: many(120, 'revoked'),
      expected: 'passes',
    },
  ];

  for (const { name, before, after, expected } of large) {
    test(`is ${name}`, () => {
      assert.equal(refusedPods('CloneSet', after, before), expected);
    });
  }
});
