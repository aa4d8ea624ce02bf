import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Phase } from '../../src/admission/decision.ts';
import { buildResponse } from '../../src/admission/respond.ts';
import { parseReview } from '../../src/admission/review.ts';
import { compilePolicy } from '../../src/policy/policy.ts';
import { decide } from '../builders/decide.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { goldenCaseNames, readGoldenCase, toAnswer } from '../golden-case.ts';
import { applyPatch, assertOnlyRoleDiffers, assertSamePod } from '../pod-patch.ts';

const CONTROL_OR_FORMAT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const passes: readonly Phase[] = ['mutate', 'validate'];

suite('golden cases', () => {
  for (const name of goldenCaseNames) {
    suite(name, () => {
      const { review, policy, now, expected, podAfter, allowlists, settings } = readGoldenCase(name);
      const request = parseReview(deepFreeze(review));
      deepFreeze(allowlists);

      for (const pass of passes) {
        test(`is answered as expected on the pass ${pass}`, () => {
          const decision = decide(pass, deepFreeze(request), policy, now);
          const answer = buildResponse(request.uid, decision);

          assert.deepEqual(toAnswer(decision, answer), expected[pass]);
          assert.equal(answer.apiVersion, 'admission.k8s.io/v1');
          assert.equal(answer.kind, 'AdmissionReview');
          assert.equal(answer.response.uid, request.uid);
          assert.equal(answer.response.patchType, answer.response.patch && 'JSONPatch');
        });

        test(`is answered in short and printable lines on the pass ${pass}`, () => {
          const { denial, warnings, auditAnnotations } = decide(pass, request, policy, now);

          for (const line of [denial?.message ?? '', ...warnings, ...Object.values(auditAnnotations)]) {
            assert.doesNotMatch(line, CONTROL_OR_FORMAT);
          }
          for (const warning of warnings) {
            assert.ok(warning.length < 256, `${warning.length} characters: ${warning}`);
          }
          for (const key of Object.keys(auditAnnotations)) {
            assert.doesNotMatch(key, /\//);
          }
        });
      }

      test('gets a patch that applies, touches only the role and is settled with', () => {
        const { patch } = decide('mutate', request, policy, now);
        const patched = applyPatch(request.object, patch);
        const after = podAfter ?? request.object;

        assert.equal(patch.length > 0, podAfter !== undefined);
        assertSamePod(patched, after);
        assertOnlyRoleDiffers(patched, request.object);
        assert.deepEqual(decide('mutate', { ...request, object: after }, policy, now).patch, []);
      });

      test('is never refused by the validating pass once it was patched', () => {
        const after = { ...request, object: podAfter };
        const isPatched = podAfter !== undefined;

        assert.equal(isPatched && decide('validate', after, policy, now).denial !== undefined, false);
      });

      test('is answered the same whatever the order of the allowlists', () => {
        const reversed = compilePolicy(allowlists.toReversed(), settings);

        for (const pass of passes) {
          assert.deepEqual(decide(pass, request, reversed, now), decide(pass, request, policy, now));
        }
      });
    });
  }
});
