import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bindingsRoute, decideBinding } from '../../../../src/admission/bindings/route.ts';
import { parseReview } from '../../../../src/admission/review.ts';
import { ROLE_ANNOTATION } from '../../../../src/admission/role-annotation.ts';
import type { PodRole, PodRoleProblem } from '../../../../src/admission/route.ts';
import { failure, success } from '../../../../src/text/problem.ts';
import { callerAt } from '../../../builders/caller.ts';

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
  const unknown = (kind: PodRoleProblem['kind']) => failure({ kind, message: 'from the API server' });
  const cases: readonly Readonly<{ name: string; role: string; podRole: PodRole; problem?: string }>[] = [
    { name: 'passes the value of the pod', role: 'reader', podRole: success('reader') },
    { name: 'passes an empty value where the pod has none', role: '', podRole: success(undefined) },
    { name: 'passes an empty value where the pod has it too', role: '', podRole: success('') },
    {
      ...{ name: 'refuses another value', role: 'writer', podRole: success('reader') },
      problem: 'the pod names "reader"',
    },
    {
      ...{ name: 'refuses a value where the pod has none', role: 'writer', podRole: success(undefined) },
      problem: 'the pod names no role',
    },
    {
      ...{ name: 'refuses a value where the pod has an empty one', role: 'writer', podRole: success('') },
      problem: 'the pod names no role',
    },
    {
      ...{ name: 'refuses an empty value where the pod has one', role: '', podRole: success('reader') },
      problem: 'the pod names "reader"',
    },
    ...(['no-such-pod', 'unreadable', 'no-access'] as const).map((kind) => ({
      ...{ name: `refuses an empty value where the pod is not known: ${kind}`, role: '' },
      ...{ podRole: unknown(kind), problem: 'from the API server' },
    })),
  ];
  for (const { name, role, podRole, problem } of cases) {
    test(name, () => {
      const decision = decideBinding({ namespace: 'payments', podName: 'web-1', role }, podRole);
      assert.deepEqual(
        [decision.outcome, decision.reason, decision.denial?.code, decision.problem],
        problem === undefined
          ? ['allow', 'allowed', undefined, undefined]
          : ['deny', 'not-allowed', 403, problem],
      );
      assert.deepEqual(decision.auditAnnotations, { decision: decision.outcome, role });
    });
  }
});

suite('the role of the pod', () => {
  const gather = (role: string, asked: unknown[]) =>
    bindingsRoute.gather(
      { namespace: 'payments', podName: 'web-1', role },
      {
        getPolicy: () => assert.fail(),
        now: () => assert.fail(),
        getNamespaceLabels: () => assert.fail(),
        getNamespaces: () => assert.fail(),
        findExceededBound: () => assert.fail(),
        getPodRole: async (namespace, name, { address }) => {
          asked.push([namespace, name, address]);
          return success('reader');
        },
      },
      () => callerAt('127.0.0.2'),
    );

  test('is asked for in the namespace of the Binding, for its caller', async () => {
    const asked: unknown[] = [];
    assert.deepEqual(await gather('r'.repeat(1_024), asked), success('reader'));
    assert.deepEqual(asked, [['payments', 'web-1', '127.0.0.2']]);
  });

  test('is not asked for if the Binding has a value that is too long to wait with', async () => {
    const asked: unknown[] = [];
    const facts = await gather('r'.repeat(1_025), asked);
    assert.deepEqual(
      facts,
      failure({ kind: 'no-such-pod', message: 'the role has more than 1024 characters' }),
    );
    assert.deepEqual(asked, []);
  });
});
