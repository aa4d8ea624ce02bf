import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Phase } from '../../../../src/admission/decision.ts';
import { createPodsRoute } from '../../../../src/admission/pods/route.ts';
import { parseReview } from '../../../../src/admission/review.ts';
import { decide } from '../../../builders/decide.ts';
import { deepFreeze } from '../../../builders/deep-freeze.ts';
import { allowlistOf, policyOf } from '../../../builders/policy.ts';

// What is answered is asserted by test/cases; these tests assert the rest.

const KEY = 'k8s.aliyun.com/eci-ram-role-name';
const PASSES: readonly Phase[] = ['mutate', 'validate'];

function creationOf(object: unknown) {
  return parseReview(
    deepFreeze({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'u',
        namespace: 'payments',
        operation: 'CREATE',
        resource: { group: '', resource: 'pods' },
        object,
      },
    }),
  );
}

function podNaming(role: string) {
  return { metadata: { name: 'api', annotations: { [KEY]: role } }, spec: { serviceAccountName: 'web' } };
}

suite('decide', () => {
  const policy = policyOf([allowlistOf('a', { roles: ['*'], violationAction: 'Strip' })], {
    unlistedNamespaces: 'Strip',
  });

  test('tells the pod it read, for the log', () => {
    assert.deepEqual(decide('validate', creationOf(podNaming('reader')), policy, 0).pod, {
      name: 'api',
      generateName: '',
      requestedRole: 'reader',
      hasAnnotations: true,
      serviceAccount: 'web',
      hasEciMarker: false,
      isMirrorPod: false,
    });
  });

  test('tells no pod where it could not be read or is not decided', () => {
    const update = { ...creationOf(podNaming('reader')), operation: 'UPDATE' };

    for (const pass of PASSES) {
      assert.equal(decide(pass, creationOf(null), policy, 0).pod, undefined);
      assert.equal(decide(pass, update, policy, 0).pod, undefined);
    }
  });

  for (const { key, name } of [
    { name: 'another case', key: 'K8S.aliyun.com/eci-ram-role-name' },
    { name: 'the Kelvin sign', key: '\u212a8s.aliyun.com/eci-ram-role-name' },
  ]) {
    test(`warns about the key in ${name}, in one phase`, () => {
      const pod = (annotations: object) => creationOf({ metadata: { name: 'api', annotations } });
      const warnings = (phase: Phase, object: ReturnType<typeof pod>) =>
        decide(phase, object, policy, 0).warnings.filter((warning) => warning.includes(key));
      assert.equal(warnings('mutate', pod({ [key]: 'admin' })).length, 1);
      assert.equal(warnings('mutate', pod({ [key]: 'admin', [KEY]: 'reader' })).length, 1);
      assert.equal(warnings('validate', pod({ [key]: 'admin', [KEY]: 'reader' })).length, 0);
    });
  }

  test('gives the same answer to the same question, whatever was asked between', () => {
    const question = creationOf(podNaming('no role'));
    const first = decide('mutate', question, policy, 0);
    decide('mutate', creationOf(podNaming('reader')), policy, 0);
    decide('mutate', { ...question, namespace: 'other' }, policy, 8.64e15);

    assert.deepEqual(decide('mutate', question, policy, 0), first);
  });

  const megabyte = 1024 * 1024;
  const hostile = [
    { name: 'a role of 1 MiB of placeholders', pod: podNaming('${'.repeat(megabyte / 2)) },
    { name: 'a role of 1 MiB of a letter', pod: podNaming('a'.repeat(megabyte)) },
    { name: 'a role of 1 MiB of whitespace', pod: podNaming(' \t\n\u00a0'.repeat(megabyte / 4)) },
    { name: 'a role of 1 MiB of zero-width spaces', pod: podNaming('\u200b'.repeat(megabyte)) },
    { name: 'a role of 1 MiB of lone surrogates', pod: podNaming('\ud800'.repeat(megabyte)) },
  ];

  for (const { name, pod } of hostile) {
    test(`ends on ${name}`, () => {
      const patterns = Array.from({ length: 256 }, (_, index) => `${'*a'.repeat(30)}*${index}`);
      const lists = [allowlistOf('a', { roles: patterns, serviceAccounts: patterns.slice(0, 64) })];
      const policy = policyOf(lists, { protectedRoles: patterns });

      for (const pass of PASSES) {
        const { outcome: decision, reason, denial } = decide(pass, creationOf(pod), policy, 0);

        assert.deepEqual({ decision, reason }, { decision: 'deny', reason: 'invalid-name' });
        assert.ok((denial?.message.length ?? 0) < 4096);
      }
    });
  }

  test('hints at a key that was meant to be the annotation, in the mutate phase alone', () => {
    const key = 'k8s.aliyun.com/eci-ram-role-name';
    const warnings = (phase: Phase) => {
      const route = createPodsRoute(phase);
      const creation = route.parse(
        parseReview({
          ...{ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
          request: {
            ...{ uid: 'uid', namespace: 'payments', operation: 'CREATE' },
            resource: { group: '', version: 'v1', resource: 'pods' },
            object: { metadata: { annotations: { ramRoleName: 'reader' }, labels: { [key]: 'reader' } } },
          },
        }),
      );
      assert.ok(creation);
      return route.decide(creation, { policy: policyOf([]), now: 0, labels: new Map() }).warnings;
    };
    assert.equal(warnings('validate').length, 0);
    const [misspelt = '', labelled = '', ...more] = warnings('mutate');
    assert.match(misspelt, /^annotation "ramRoleName"/);
    assert.match(labelled, /^label "k8s/);
    assert.deepEqual(more, []);
  });

  test('ends on a namespace and a ServiceAccount of 1 MiB', () => {
    const long = 'a'.repeat(megabyte);
    const patterns = Array.from({ length: 256 }, (_, index) => `${'*a'.repeat(30)}*${index}`);
    const policy = policyOf([allowlistOf('a', { namespaces: patterns, serviceAccounts: patterns })]);
    const pod = { metadata: { annotations: { [KEY]: 'reader' } }, spec: { serviceAccountName: long } };

    assert.equal(
      decide('validate', { ...creationOf(pod), namespace: long }, policy, 0).reason,
      'no-allowlist',
    );
  });

  test('ends on a pod nested 100,000 deep in every part that may be odd', () => {
    const deep = JSON.parse(`${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`);
    const pod = {
      metadata: { name: deep, labels: deep, annotations: { [KEY]: 'reader' } },
      spec: {
        nodeSelector: { type: deep },
        tolerations: deep,
        affinity: { nodeAffinity: deep },
        nodeName: deep,
      },
    };

    assert.equal(decide('validate', { ...creationOf(null), object: pod }, policy, 0).reason, 'allowed');
  });

  test('ends on a pod of 100,000 annotations, tolerations and terms', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => ({
      key: `k${index}`,
      operator: 'In',
      values: [],
    }));
    const required = { nodeSelectorTerms: many.map((expression) => ({ matchExpressions: [expression] })) };
    const pod = {
      metadata: { annotations: Object.fromEntries(many.map(({ key }) => [key, ''])) },
      spec: {
        tolerations: many,
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
      },
    };

    assert.equal(decide('mutate', creationOf(pod), policy, 0).reason, 'no-role');
  });
});
