import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Phase } from '../../../../src/admission/decision.ts';
import { parsePod } from '../../../../src/admission/pod.ts';
import { buildResponse } from '../../../../src/admission/review.ts';
import { compilePolicy } from '../../../../src/policy/policy.ts';
import {
  allowlistNamed,
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
import { applyPatch, assertOnlyRoleDiffers, withoutProto } from '../../../builders/pod-patch.ts';
import { propertyRuns } from '../../../builders/property-runs.ts';
import { decideByTheTable } from '../../../builders/reference.ts';

const PASSES: readonly Phase[] = ['mutate', 'validate'];
const RUNS = propertyRuns(1500);
/** Of a property that holds under a condition: so often the condition has to be fulfilled. */
const FULFILLED_RUNS = propertyRuns(300);
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const anyCreation = fc.oneof(creationOf(pod), creationOf(oddPod));
const pass = fc.constantFrom(...PASSES);

/** A pod that names this role as this ServiceAccount, without the rest that the generator makes. */
function namingPod(role: string, serviceAccountName: string) {
  return {
    metadata: { annotations: { 'k8s.aliyun.com/eci-ram-role-name': role } },
    spec: { serviceAccountName },
  };
}

suite('decide', () => {
  test('answers for any object and policy, and changes neither', () => {
    fc.assert(
      fc.property(pass, anyCreation, allowlists, settings, (pass, request, lists, settings) => {
        const policy = compilePolicy(deepFreeze(lists), deepFreeze(settings));
        const decision = decide(pass, deepFreeze(request), policy, NOW);
        const { response } = buildResponse(request.uid, decision);

        assert.equal(response.allowed, decision.outcome !== 'deny');
        assert.equal(response.patchType, response.patch && 'JSONPatch');
        assert.deepEqual(decide(pass, request, policy, NOW), decision);
      }),
      RUNS,
    );
  });

  test('says what it says in short and printable lines', () => {
    fc.assert(
      fc.property(pass, anyCreation, allowlists, settings, (pass, request, lists, settings) => {
        const decision = decide(pass, request, compilePolicy(lists, settings), NOW);

        for (const text of [
          decision.denial?.message ?? '',
          ...decision.warnings,
          ...Object.values(decision.auditAnnotations),
        ]) {
          assert.doesNotMatch(text, UNPRINTABLE);
        }
        assert.ok(decision.warnings.every((warning) => warning.length < 256));
        assert.ok(Object.keys(decision.auditAnnotations).every((key) => !key.includes('/')));
      }),
      RUNS,
    );
  });

  test('patches on the mutating pass alone, the role alone, and only once', () => {
    fc.assert(
      fc.property(anyCreation, allowlists, settings, (request, lists, settings) => {
        const policy = compilePolicy(lists, settings);
        const decision = decide('mutate', request, policy, NOW);
        const patched = { ...request, object: applyPatch(withoutProto(request.object), decision.patch) };

        assert.deepEqual(decide('validate', request, policy, NOW).patch, []);
        assertOnlyRoleDiffers(patched.object, request.object);
        const again = decide('mutate', patched, policy, NOW);
        assert.deepEqual(again.patch, []);
        assert.deepEqual(again.auditAnnotations, {});
      }),
      RUNS,
    );
  });

  test('admits at the validating pass every pod that it patched', () => {
    let patches = 0;
    fc.assert(
      fc.property(creationOf(pod), allowlists, settings, (request, lists, settings) => {
        const policy = compilePolicy(lists, settings);
        const { patch } = decide('mutate', request, policy, NOW);
        fc.pre(patch.length > 0);
        patches += 1;
        const patched = { ...request, object: applyPatch(withoutProto(request.object), patch) };

        assert.equal(decide('validate', patched, policy, NOW).denial, undefined);
      }),
      FULFILLED_RUNS,
    );
    assert.equal(patches, FULFILLED_RUNS.numRuns);
  });

  test('annotates a mutating pass that patches and a validating pass of a role, and no other', () => {
    fc.assert(
      fc.property(pass, anyCreation, allowlists, settings, (pass, request, lists, settings) => {
        const decision = decide(pass, request, compilePolicy(lists, settings), NOW);
        const { auditAnnotations, injectedRole, role } = decision;
        const expected = {
          mutate: [
            ...(decision.outcome === 'strip' ? ['stripped'] : []),
            ...(injectedRole === undefined ? [] : ['injected']),
          ],
          validate: role === undefined ? [] : ['decision', 'role', 'allowlist'],
        };

        assert.deepEqual(Object.keys(auditAnnotations), expected[pass]);
      }),
      RUNS,
    );
  });

  test('agrees with the decision table, read row by row', () => {
    fc.assert(
      fc.property(creationOf(pod), allowlists, settings, (request, lists, settings) => {
        const parsed = parsePod(request.object);
        assert.ok(parsed.ok);
        const pod = parsed.value;
        const expected = decideByTheTable(
          { ...pod, role: pod.requestedRole ?? '', hasMarker: pod.hasEciMarker },
          request,
          lists,
          settings,
          NOW,
        );

        const {
          outcome: decision,
          reason,
          injectedRole,
        } = decide('mutate', request, compilePolicy(lists, settings), NOW);

        assert.deepEqual({ decision, reason, injected: injectedRole }, expected);
      }),
      propertyRuns(5000),
    );
  });

  test('answers the same whatever the order of the lists', () => {
    const inTwoOrders = allowlists.chain((lists) =>
      fc.tuple(fc.constant(lists), fc.shuffledSubarray(lists, { minLength: lists.length })),
    );

    fc.assert(
      fc.property(
        pass,
        creationOf(pod),
        inTwoOrders,
        settings,
        (pass, request, [lists, shuffled], settings) => {
          assert.deepEqual(
            decide(pass, request, compilePolicy(shuffled, settings), NOW),
            decide(pass, request, compilePolicy(lists, settings), NOW),
          );
        },
      ),
      RUNS,
    );
  });

  test('still allows a role after a list is added', () => {
    let allowed = 0;
    fc.assert(
      fc.property(
        creationOf(pod),
        allowlists,
        allowlistNamed('z'),
        settings,
        (request, lists, added, settings) => {
          const before = decide('validate', request, compilePolicy(lists, settings), NOW);
          fc.pre(before.reason === 'allowed');
          allowed += 1;
          const after = decide('validate', request, compilePolicy([...lists, added], settings), NOW);

          assert.equal(after.reason, 'allowed');
        },
      ),
      FULFILLED_RUNS,
    );
    assert.equal(allowed, FULFILLED_RUNS.numRuns);
  });

  test('takes the same action on a violation as any ServiceAccount and at any time', () => {
    const moments = fc.constantFrom(0, NOW - 1000, NOW, NOW + 1000, 8.64e15);
    const circumstances = fc.record({ serviceAccount, now: moments });
    const isViolation = (reason: string) => reason !== 'allowed' && reason !== 'no-role';

    fc.assert(
      fc.property(
        creationOf(fc.constant(null)),
        role,
        circumstances,
        circumstances,
        allowlists,
        settings,
        (request, role, one, other, lists, settings) => {
          const policy = compilePolicy(lists, settings);
          const [first, second] = [one, other].map(({ serviceAccount, now }) => {
            return decide('mutate', { ...request, object: namingPod(role, serviceAccount) }, policy, now);
          });

          assert.ok(first && second);
          fc.pre(isViolation(first.reason) && isViolation(second.reason));
          assert.equal(second.outcome, first.outcome);
        },
      ),
      RUNS,
    );
  });

  test('allows nothing later that it refuses now', () => {
    let allowed = 0;
    fc.assert(
      fc.property(creationOf(pod), allowlists, settings, fc.nat(2000), (request, lists, settings, later) => {
        const policy = compilePolicy(lists, settings);
        const reasonAt = (now: number) => decide('validate', request, policy, now).reason;
        fc.pre(reasonAt(NOW - 1000 + later) === 'allowed');
        allowed += 1;

        assert.equal(reasonAt(NOW - 1000), 'allowed');
      }),
      FULFILLED_RUNS,
    );
    assert.equal(allowed, FULFILLED_RUNS.numRuns);
  });

  test('never admits a protected role', () => {
    const invisible = fc.constantFrom(
      ...['', '', ' ', '\n', '\u200b', '\ufeff', '\u00a0', '\u0000', '\u00ad'],
      ...['\ufe0f', '\u034f', '\u3164', '\u115f', '\u2800', '\u180b', '\u17b4'],
    );
    const disguised = fc
      .array(fc.tuple(fc.boolean(), invisible), { minLength: 25, maxLength: 25 })
      .map((disguises) =>
        disguises
          .map(([isUpper, between], index) => {
            const letter = 'kubernetesworkerrole-1abc'.charAt(index);
            return (isUpper ? letter.toUpperCase() : letter) + between;
          })
          .join(''),
      );
    const protectedRoles = ['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'];

    fc.assert(
      fc.property(
        pass,
        creationOf(fc.constant(null)),
        disguised,
        serviceAccount,
        allowlists,
        settings,
        (pass, request, role, account, lists, settings) => {
          const policy = compilePolicy(lists, { ...settings, protectedRoles });
          const decision = decide(pass, { ...request, object: namingPod(role, account) }, policy, NOW);

          assert.equal(decision.outcome, 'deny');
          assert.equal(decision.reason, 'protected');
          assert.equal(decision.denial?.code, 403);
        },
      ),
      RUNS,
    );
  });

  test('never injects into a mirror pod', () => {
    const mirrorPod = pod.map((pod) => ({
      ...pod,
      metadata: {
        ...pod.metadata,
        annotations: { ...pod.metadata.annotations, 'kubernetes.io/config.mirror': '' },
      },
    }));

    fc.assert(
      fc.property(creationOf(mirrorPod), allowlists, settings, (request, lists, settings) => {
        assert.equal(decide('mutate', request, compilePolicy(lists, settings), NOW).injectedRole, undefined);
      }),
      RUNS,
    );
  });
});
