import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { AdmissionRequest } from '../../../../src/admission/review.ts';
import type { PolicyFacts } from '../../../../src/admission/workloads/evaluate.ts';
import { compilePolicy } from '../../../../src/policy/policy.ts';
import {
  allowlists,
  creationOf,
  NOW,
  oddPod,
  pod,
  role,
  serviceAccount,
  settings,
} from '../../../builders/arbitraries.ts';
import { decide } from '../../../builders/decide.ts';
import { deepFreeze } from '../../../builders/deep-freeze.ts';
import { assertKnown } from '../../../builders/known-decision.ts';
import { propertyRuns } from '../../../builders/property-runs.ts';
import {
  decideRequest,
  RESOURCES,
  ROLE_KEY,
  requestOf,
  templateOf,
  workloadOf,
} from '../../../builders/workload.ts';

const RUNS = propertyRuns(1000);
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const BUILT_IN_KINDS = [
  ...(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'] as const),
  ...(['ReplicationController', 'CronJob'] as const),
];
const CUSTOM_KINDS = ['CloneSet', 'Workflow'] as const;

const action = fc.constantFrom('Deny' as const, 'Warn' as const);
const isMutated = fc.boolean();
const labels = fc.constantFrom(new Map<string, string>(), new Map([['team', 'a']]), undefined);
const kind = fc.constantFrom(...BUILT_IN_KINDS, ...CUSTOM_KINDS);
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

type Pods = Readonly<{ role: string | undefined; serviceAccountName: string | undefined; image: string }>;

const pods: fc.Arbitrary<Pods> = fc.record({
  role: fc.oneof(fc.constantFrom('r', 's', undefined), role),
  serviceAccountName: fc.option(serviceAccount, { nil: undefined }),
  image: fc.constantFrom('a', 'b'),
});

/** The pods of an old and of a new template, which often share their role or their ServiceAccount; none at all before is rare. */
const change = fc
  .record({
    before: fc.option(pods, { nil: undefined, freq: 8 }),
    after: pods,
    kept: fc.subarray(['role' as const, 'serviceAccountName' as const]),
  })
  .map(
    ({ before, after, kept }): Readonly<{ before: Pods | undefined; after: Pods }> => ({
      before,
      after: { ...after, ...(before && Object.fromEntries(kept.map((key) => [key, before[key]]))) },
    }),
  );

function toTemplate({ role, serviceAccountName, image }: Pods) {
  const containers = [{ name: 'c', image }];
  return templateOf(role, { labels: { eci: 'true' }, spec: { containers, serviceAccountName } });
}

/**
 * The pairs of role and ServiceAccount that a pod made from a template is denied for, slowly: by what the paths of pods
 * answer. Where pods are mutated they pass both; a namespace that is not known yet denies nothing here.
 */
function listDeniedPairs(
  pods: Pods | undefined,
  { policy, isMutated, labels }: Pick<PolicyFacts, 'policy' | 'isMutated' | 'labels'>,
): ReadonlySet<string> {
  const request = requestOf('Deployment', pods && toTemplate(pods), undefined, {
    ...{ namespace: 'a', resource: { group: '', resource: 'pods' } },
  });
  const phase = isMutated ? 'mutate' : 'validate';
  const { outcome, reason, role } = decide(phase, request, policy, NOW, { labels });
  const isDenied = outcome === 'deny' && reason !== 'unknown-namespace' && reason !== 'malformed';
  return new Set(isDenied ? [`${role} as ${pods?.serviceAccountName ?? 'default'}`] : []);
}

suite('decideWorkload', () => {
  test('answers for any object and policy in short and printable lines, and changes neither', () => {
    fc.assert(
      fc.property(write, allowlists, settings, action, labels, (request, lists, settings, action, labels) => {
        const policy = compilePolicy(deepFreeze(lists), deepFreeze(settings));
        const decision = decideRequest(deepFreeze(request), policy, { action, labels, now: NOW });
        if (decision === undefined) {
          return;
        }
        assertKnown('/validate-workloads', decision);
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

  test('denies a new Deployment if, and only if, its pods are denied', () => {
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
        const decision = decideRequest(deployment, policy, { action: 'Deny', now: NOW });
        assert.equal(decision?.outcome === 'deny', ofPod.outcome === 'deny');
      }),
      RUNS,
    );
  });

  test('denies an update if, and only if, it adds a role and ServiceAccount that pods are denied for', () => {
    const counts = { denied: 0, excused: 0, passed: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...BUILT_IN_KINDS),
        change,
        allowlists,
        settings,
        fc.record({ isMutated, labels }),
        (kind, { before, after }, lists, settings, facts) => {
          const policy = compilePolicy(lists, settings);
          const request = requestOf(
            kind,
            workloadOf(kind, toTemplate(after)),
            workloadOf(kind, before && toTemplate(before)),
            {
              namespace: 'a',
            },
          );
          const decision = decideRequest(request, policy, { action: 'Deny', now: NOW, ...facts });

          const deniedAfter = listDeniedPairs(after, { policy, ...facts });
          const deniedBefore = listDeniedPairs(before, { policy, ...facts });
          const expected = deniedAfter.difference(deniedBefore).size > 0;
          assert.equal(decision?.outcome === 'deny', expected);
          if (deniedAfter.size > 0 && !expected && decision !== undefined) {
            assert.equal(decision.outcome, 'warn');
            counts.excused += 1;
          }
          counts[expected ? 'denied' : 'passed'] += 1;
        },
      ),
      { ...RUNS, numRuns: 1_000 },
    );
    assert.ok(Math.min(...Object.values(counts)) >= 3, JSON.stringify(counts));
  });

  test('never denies a custom kind', () => {
    fc.assert(
      fc.property(
        write,
        fc.constantFrom(...CUSTOM_KINDS),
        allowlists,
        settings,
        isMutated,
        (request, kind, lists, settings, isMutated) => {
          const custom = { ...request, kind, resource: RESOURCES[kind] };
          const decision = decideRequest(custom, compilePolicy(lists, settings), {
            action: 'Deny',
            isMutated,
            now: NOW,
          });
          assert.equal(decision?.denial, undefined);
        },
      ),
      RUNS,
    );
  });

  test('does not decide an update that leaves the pods as they were', () => {
    fc.assert(
      fc.property(write, allowlists, settings, (request, lists, settings) => {
        const policy = compilePolicy(lists, settings);
        const unchanged = { ...request, operation: 'UPDATE', oldObject: structuredClone(request.object) };
        assert.equal(decideRequest(unchanged, policy, { action: 'Deny', now: NOW }), undefined);
      }),
      RUNS,
    );
  });
});
