import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { AdmissionRequest } from '../../../src/admission/review.ts';
import { decideAdvice } from '../../../src/admission/workloads/decide-advice.ts';
import { parseWorkloadChange } from '../../../src/admission/workloads/workload-change.ts';
import { compilePolicy, type Policy } from '../../../src/policy/policy.ts';
import { allowlists, creationOf, NOW, oddPod, pod, settings } from '../../builders/arbitraries.ts';
import { decide } from '../../builders/decide.ts';
import { deepFreeze } from '../../builders/deep-freeze.ts';
import { propertyRuns } from '../../builders/property-runs.ts';
import { RESOURCES, ROLE_KEY, workloadOf } from '../../builders/workload.ts';

const RUNS = propertyRuns(1000);
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const KINDS = ['Deployment', 'ReplicationController', 'CronJob', 'CloneSet', 'Workflow'] as const;

const action = fc.constantFrom('Deny' as const, 'Warn' as const);
const kind = fc.constantFrom(...KINDS);
const template = fc.oneof(pod, oddPod);
const metadata = fc.oneof(
  fc.constant({}),
  fc.constant({ annotations: { [ROLE_KEY]: 'r' } }),
  fc.json({ maxDepth: 2 }).map((text): object => ({ annotations: JSON.parse(text) })),
);
const object = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(kind, template, metadata)
      .map(([kind, template, metadata]) => workloadOf(kind, template, metadata)),
  },
  { weight: 1, arbitrary: oddPod },
);

/** Any write of any object as a workload. */
const write = fc
  .tuple(creationOf(object), kind, fc.option(object, { nil: undefined }))
  .map(([request, kind, oldObject]): AdmissionRequest => {
    const operation = oldObject === undefined ? 'CREATE' : 'UPDATE';
    return { ...request, kind, resource: RESOURCES[kind], operation, oldObject: oldObject ?? null };
  });

function advise(request: AdmissionRequest, policy: Policy, action: 'Deny' | 'Warn') {
  const change = parseWorkloadChange(request);
  return (
    change &&
    decideAdvice(change, {
      policy,
      action,
      isMutated: true,
      now: NOW,
      labels: new Map(),
    })
  );
}

suite('decideAdvice', () => {
  test('answers for any object and policy in short and printable lines, and changes neither', () => {
    fc.assert(
      fc.property(write, allowlists, settings, action, (request, lists, settings, action) => {
        const policy = compilePolicy(deepFreeze(lists), deepFreeze(settings));
        const decision = advise(deepFreeze(request), policy, action);
        if (decision === undefined) {
          return;
        }
        assert.equal(decision.denial !== undefined, decision.outcome === 'deny');
        assert.deepEqual(decision.patch, []);
        assert.ok(decision.warnings.length <= 10);
        for (const line of [...decision.warnings, decision.denial?.message ?? '']) {
          assert.doesNotMatch(line, UNPRINTABLE);
        }
        assert.ok(decision.warnings.every(({ length }) => length > 0 && length < 256));
      }),
      RUNS,
    );
  });

  test('refuses a new Deployment where, and only where, its pods are refused', () => {
    fc.assert(
      fc.property(creationOf(pod), allowlists, settings, (request, lists, settings) => {
        const policy = compilePolicy(lists, settings);
        const deployment: AdmissionRequest = {
          ...request,
          namespace: request.namespace || 'a',
          kind: 'Deployment',
          resource: RESOURCES.Deployment,
          object: workloadOf('Deployment', request.object),
        };
        const ofPod = decide('mutate', { ...request, namespace: deployment.namespace }, policy, NOW);
        assert.equal(advise(deployment, policy, 'Deny')?.outcome === 'deny', ofPod.outcome === 'deny');
      }),
      RUNS,
    );
  });

  test('refuses no change that leaves the pods as they were', () => {
    fc.assert(
      fc.property(write, allowlists, settings, (request, lists, settings) => {
        const policy = compilePolicy(lists, settings);
        const unchanged = { ...request, operation: 'UPDATE', oldObject: structuredClone(request.object) };
        assert.equal(advise(unchanged, policy, 'Deny'), undefined);
      }),
      RUNS,
    );
  });
});
