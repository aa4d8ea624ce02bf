import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Decision } from '../../../src/admission/decision.ts';
import { buildResponse } from '../../../src/admission/review.ts';
import { decodePatch } from '../../builders/decide-pod.ts';
import { deepFreeze } from '../../builders/deep-freeze.ts';

const allowed: Decision = deepFreeze({
  outcome: 'allow',
  reason: 'no-role',
  allowlists: [],
  patch: [],
  warnings: [],
  auditAnnotations: {},
});

suite('buildResponse', () => {
  const cases: readonly { name: string; decision: Partial<Decision>; response: object }[] = [
    { name: 'nothing else where there is nothing to say', decision: {}, response: { allowed: true } },
    {
      name: 'the status of a denial',
      decision: { denial: { code: 403, reason: 'Forbidden', message: 'no' } },
      response: {
        allowed: false,
        status: { status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' },
      },
    },
    {
      name: 'a patch and its type together',
      decision: { patch: [{ op: 'remove', path: '/a' }] },
      response: { allowed: true, patchType: 'JSONPatch', patch: 'W3sib3AiOiJyZW1vdmUiLCJwYXRoIjoiL2EifV0=' },
    },
    { name: 'warnings', decision: { warnings: ['w'] }, response: { allowed: true, warnings: ['w'] } },
    {
      name: 'audit annotations',
      decision: { auditAnnotations: { decision: 'allow' } },
      response: { allowed: true, auditAnnotations: { decision: 'allow' } },
    },
  ];

  for (const { name, decision, response } of cases) {
    test(`answers with the uid and ${name}`, () => {
      assert.deepEqual(buildResponse('7058831a', { ...allowed, ...decision }), {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: '7058831a', ...response },
      });
    });
  }

  test('encodes every operation of a patch', () => {
    const patch = [
      { op: 'remove', path: '/a' },
      { op: 'add', path: '/a', value: { b: 'c' } },
    ] as const;

    assert.deepEqual(decodePatch(buildResponse('u', { ...allowed, patch }).response.patch), patch);
  });

  test('answers to an odd uid in JSON that reads back as the same', () => {
    for (const uid of ['\u0000', '"\\', '\ud800', '\u2028', '__proto__']) {
      assert.equal(JSON.parse(JSON.stringify(buildResponse(uid, allowed))).response.uid, uid);
    }
  });
});
