import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bindingsRoute, decideBinding, type PodRole } from '../../../../src/admission/bindings/route.ts';
import { parseReview } from '../../../../src/admission/review.ts';
import { ROLE_ANNOTATION } from '../../../../src/admission/role-annotation.ts';
import type { AdmissionDeps } from '../../../../src/admission/route.ts';
import { failure, success } from '../../../../src/text/problem.ts';

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
      assert.deepEqual(bindingsRoute.parse(review), { namespace: 'payments', podName: 'web-1', role });
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
      assert.equal(bindingsRoute.parse(review), undefined);
    });
  }
});

suite('decideBinding', () => {
  const cases: readonly Readonly<{
    name: string;
    role: string;
    podRole: PodRole;
    denial: RegExp | undefined;
  }>[] = [
    { name: 'passes the value of the pod', role: 'reader', podRole: success('reader'), denial: undefined },
    {
      name: 'passes an empty value where the pod has none',
      role: '',
      podRole: success(undefined),
      denial: undefined,
    },
    {
      name: 'passes an empty value where the pod has it too',
      role: '',
      podRole: success(''),
      denial: undefined,
    },
    {
      name: 'refuses another value',
      role: 'writer',
      podRole: success('reader'),
      denial: /pod "web-1" names "reader", the Binding "writer"; leave the annotation out of the Binding$/,
    },
    {
      name: 'refuses a value where the pod has none',
      role: 'writer',
      podRole: success(undefined),
      denial: /pod "web-1" names no role, the Binding "writer"/,
    },
    {
      name: 'refuses an empty value where the pod has one',
      role: '',
      podRole: success('reader'),
      denial: /pod "web-1" names "reader", the Binding no role/,
    },
    {
      name: 'refuses what cannot be compared',
      role: '',
      podRole: failure('not known'),
      denial: /: not known; leave/,
    },
  ];
  for (const { name, role, podRole, denial } of cases) {
    test(name, () => {
      const decision = decideBinding({ namespace: 'payments', podName: 'web-1', role }, podRole);
      assert.deepEqual(
        [decision.outcome, decision.reason],
        denial === undefined ? ['allow', 'allowed'] : ['deny', 'not-allowed'],
      );
      assert.equal(decision.denial?.code, denial && 403);
      assert.match(decision.denial?.message ?? '', denial ?? /^$/);
      assert.deepEqual(decision.auditAnnotations, { decision: decision.outcome, role });
    });
  }
});

test('the role of the pod is asked for in the namespace of the Binding', async () => {
  const asked: string[][] = [];
  const deps: AdmissionDeps = {
    getPolicy: () => assert.fail(),
    now: () => assert.fail(),
    getNamespaceLabels: () => assert.fail(),
    getNamespaces: () => assert.fail(),
    getPodRole: async (...names) => {
      asked.push(names);
      return success('reader');
    },
  };
  const binding = { namespace: 'payments', podName: 'web-1', role: 'reader' };
  assert.deepEqual(await bindingsRoute.gather(binding, deps), success('reader'));
  assert.deepEqual(asked, [['payments', 'web-1']]);
});
