import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type BoundPodFacts, decideBinding, parseRoleBinding } from '../../src/admission/decide-binding.ts';
import { parseReview } from '../../src/admission/review.ts';
import { ROLE_ANNOTATION } from '../../src/admission/role-annotation.ts';

function bindingReview(annotations: unknown, request: object = {}) {
  return parseReview({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid',
      namespace: 'payments',
      operation: 'CREATE',
      name: 'web-1',
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'binding',
      object: { metadata: { name: 'web-1', annotations }, target: { kind: 'Node', name: 'n' } },
      ...request,
    },
  });
}

const LEGACY = { resource: { group: '', version: 'v1', resource: 'bindings' }, subResource: '', name: '' };

suite('a Binding that carries the annotation', () => {
  const cases = [
    { name: 'of pods/binding', review: bindingReview({ [ROLE_ANNOTATION]: 'reader' }), role: 'reader' },
    {
      name: 'of legacy bindings',
      review: bindingReview({ [ROLE_ANNOTATION]: 'reader' }, LEGACY),
      role: 'reader',
    },
    { name: 'with an empty value', review: bindingReview({ [ROLE_ANNOTATION]: '' }), role: '' },
    { name: 'with a value that is no text', review: bindingReview({ [ROLE_ANNOTATION]: 7 }), role: '' },
    {
      name: 'that only the request names',
      review: bindingReview(undefined, {
        object: { metadata: { annotations: { [ROLE_ANNOTATION]: 'reader' } } },
      }),
      role: 'reader',
    },
  ];
  for (const { name, review, role } of cases) {
    test(`is found ${name}`, () => {
      assert.deepEqual(parseRoleBinding(review), { podName: 'web-1', role });
    });
  }

  const others = [
    { name: 'a Binding without annotations', review: bindingReview(undefined) },
    { name: 'a Binding with another annotation', review: bindingReview({ other: 'x' }) },
    { name: 'an update', review: bindingReview({ [ROLE_ANNOTATION]: 'x' }, { operation: 'UPDATE' }) },
    {
      name: 'another subresource',
      review: bindingReview({ [ROLE_ANNOTATION]: 'x' }, { subResource: 'eviction' }),
    },
    {
      name: 'the bindings of another group',
      review: bindingReview(
        { [ROLE_ANNOTATION]: 'x' },
        { ...LEGACY, resource: { group: 'x.io', resource: 'bindings' } },
      ),
    },
    { name: 'what is no object', review: bindingReview(undefined, { object: 'text' }) },
  ];
  for (const { name, review } of others) {
    test(`is not found in ${name}`, () => {
      assert.equal(parseRoleBinding(review), undefined);
    });
  }
});

suite('decideBinding', () => {
  const cases: readonly Readonly<{
    name: string;
    role: string;
    facts: BoundPodFacts;
    refusal: RegExp | undefined;
  }>[] = [
    { name: 'passes the value of the pod', role: 'reader', facts: { role: 'reader' }, refusal: undefined },
    {
      name: 'passes an empty value where the pod has none',
      role: '',
      facts: { role: undefined },
      refusal: undefined,
    },
    {
      name: 'passes an empty value where the pod has it too',
      role: '',
      facts: { role: '' },
      refusal: undefined,
    },
    {
      name: 'refuses another value',
      role: 'writer',
      facts: { role: 'reader' },
      refusal: /pod "web-1" names "reader", the Binding "writer"; leave the annotation out of the Binding$/,
    },
    {
      name: 'refuses a value where the pod has none',
      role: 'writer',
      facts: { role: undefined },
      refusal: /pod "web-1" names no role, the Binding "writer"/,
    },
    {
      name: 'refuses an empty value where the pod has one',
      role: '',
      facts: { role: 'reader' },
      refusal: /pod "web-1" names "reader", the Binding no role/,
    },
    {
      name: 'refuses what cannot be compared',
      role: '',
      facts: { problem: 'not known' },
      refusal: /: not known; leave/,
    },
  ];
  for (const { name, role, facts, refusal } of cases) {
    test(name, () => {
      const decision = decideBinding({ podName: 'web-1', role }, facts);
      assert.deepEqual(
        [decision.decision, decision.reason],
        refusal === undefined ? ['allow', 'allowed'] : ['deny', 'not-allowed'],
      );
      assert.equal(decision.refusal?.code, refusal && 403);
      assert.match(decision.refusal?.message ?? '', refusal ?? /^$/);
      assert.deepEqual(decision.auditAnnotations, { decision: decision.decision, role });
    });
  }
});
