import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Evaluation, evaluate } from '../../../src/policy/evaluate.ts';
import { compilePolicy, createPolicy, type Policy } from '../../../src/policy/policy.ts';
import type { Allowlist } from '../../../src/policy/schema/allowlist.ts';
import { allowlistNamed, NOW, role, serviceAccount, settings } from '../../builders/arbitraries.ts';
import { subjectOf } from '../../builders/policy.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

const LABELS = new Map([['team', 'a']]);

/** So many roles that those of its namespaces are indexed. */
const LARGE: Allowlist = {
  name: 'large',
  spec: {
    ...{ namespaces: ['a*'], injectInto: 'EciPods', violationAction: 'Warn' },
    roles: Array.from({ length: 70 }, (_, index) => `large-${index}${index % 2 === 0 ? '' : '*r'}`),
  },
};

const change = fc
  .constantFrom('a', 'b', 'c', 'd')
  .chain((name) =>
    fc.oneof(
      { weight: 3, arbitrary: allowlistNamed(name).map((allowlist) => ({ name, allowlist })) },
      { weight: 1, arbitrary: fc.constant({ name, allowlist: undefined }) },
    ),
  );
const question = fc.record({
  namespace: fc.constantFrom('a', 'ab', 'b', 'c'),
  namespaceLabels: fc.constantFrom(LABELS, undefined),
  requestedRole: fc.option(role, { nil: undefined }),
  serviceAccount,
});

test('decides after any changes as a policy that is compiled from its allowlists', () => {
  const step = fc.record({ changes: fc.array(change, { maxLength: 3 }), question });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), settings, (steps, settings) => {
      const { policy, apply } = createPolicy(settings);
      const inForce = new Map([['large', LARGE]]);
      apply({ changed: [LARGE], removed: ['unknown'] });
      for (const { changes, question } of steps) {
        for (const { name, allowlist } of changes) {
          if (allowlist === undefined) {
            inForce.delete(name);
          } else {
            inForce.set(name, allowlist);
          }
          apply(
            allowlist === undefined
              ? { changed: [], removed: [name] }
              : { changed: [allowlist], removed: [] },
          );
        }
        const compiled = compilePolicy([...inForce.values()].reverse(), settings);
        assert.deepEqual(answerOf(policy, question), answerOf(compiled, question));
      }
    }),
    propertyRuns(2000),
  );
});

function answerOf(policy: Policy, question: Parameters<typeof subjectOf>[0]) {
  const { ranked, action, summary, weight } = policy.select(
    question?.namespace ?? '',
    question?.namespaceLabels,
  );
  return {
    evaluation: withoutFunctions(evaluate(policy, subjectOf(question), NOW)),
    ...{ ranked: [...ranked], action, summary, weight },
  };
}

function withoutFunctions(evaluation: Evaluation) {
  return evaluation.verdict === 'violation' ? { ...evaluation, selection: undefined } : evaluation;
}
