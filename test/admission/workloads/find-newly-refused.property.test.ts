import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../../src/admission/decision.ts';
import { decideAdvice } from '../../../src/admission/workloads/decide-advice.ts';
import { parseWorkloadChange } from '../../../src/admission/workloads/workload-change.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';
import { propertyRuns } from '../../builders/property-runs.ts';
import { requestOf, templateOf } from '../../builders/workload.ts';

const RUNS = propertyRuns(1000);

const policy = policyOf([
  allowlistOf('reader', { roles: ['reader'] }),
  allowlistOf('billing', { roles: ['billing'], serviceAccounts: ['batch'] }),
]);

type Pods = Readonly<{ role: string | undefined; serviceAccountName: string | undefined }>;

const pods = fc.record({
  role: fc.constantFrom(undefined, '{{role}}', 'reader', 'billing', 'revoked', 'other'),
  serviceAccountName: fc.constantFrom(undefined, 'batch', 'web', 'api'),
});

function isWrong({ role, serviceAccountName }: Pods): boolean {
  const isBilled = serviceAccountName === undefined || serviceAccountName === 'batch';
  return role === 'revoked' || role === 'other' || (role === 'billing' && !isBilled);
}

function listOf(all: readonly Pods[]): object {
  return {
    spec: {
      tasks: all.map(({ role, serviceAccountName }) => ({
        template: templateOf(role, { spec: { serviceAccountName } }),
      })),
    },
  };
}

function change(before: readonly Pods[], after: readonly Pods[]): Decision | undefined {
  const change = parseWorkloadChange(requestOf('CloneSet', listOf(after), listOf(before)));
  const basis = { policy, action: 'Deny' as const, isMutated: true, now: 0 };
  return change && decideAdvice(change, { ...basis, labels: new Map() });
}

suite('findNewlyRefused', () => {
  test('finds nothing where members of a list only go, come in order, or change places', () => {
    const lists = fc.array(pods, { maxLength: 8 }).chain((before) =>
      fc.record({
        before: fc.constant(before),
        kept: fc.shuffledSubarray([...before]),
        come: fc.array(
          pods.filter((one) => !isWrong(one)),
          { maxLength: 4 },
        ),
        at: fc.nat(8),
      }),
    );
    fc.assert(
      fc.property(lists, ({ before, kept, come, at }) => {
        assert.equal(change(before, kept.toSpliced(at, 0, ...come))?.denial, undefined);
      }),
      RUNS,
    );
  });

  test('finds the one member that changed, and only where it was not as wrong before', () => {
    const edits = fc.record({
      before: fc.array(pods, { minLength: 1, maxLength: 8 }),
      at: fc.nat(),
      now: pods,
    });
    fc.assert(
      fc.property(edits, ({ before, at, now }) => {
        const index = at % before.length;
        const was = before[index];
        const wasAsWrong = was !== undefined && isWrong(was) && was.role === now.role;
        const denial = change(before, before.with(index, now))?.denial;
        assert.equal(denial !== undefined, isWrong(now) && !wasAsWrong);
        assert.ok(denial === undefined || denial.message.includes(` (spec.tasks[${index}].template.`));
      }),
      RUNS,
    );
  });

  test('finds one more of what is wrong already', () => {
    const additions = fc.record({ before: fc.array(pods, { maxLength: 8 }), come: pods.filter(isWrong) });
    fc.assert(
      fc.property(additions, ({ before, come }) => {
        const denial = change(before, [...before, come])?.denial;
        assert.match(denial?.message ?? '', new RegExp(` \\(spec\\.tasks\\[${before.length}\\]\\.`));
      }),
      RUNS,
    );
  });
});
