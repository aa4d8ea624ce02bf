import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPodsRoute } from '../../../src/admission/pods/route.ts';
import { InvalidReviewError, parseReview } from '../../../src/admission/review.ts';
import { deepFreeze } from '../../builders/deep-freeze.ts';

const envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };

suite('parseReview', () => {
  test('reads the fields that a decision needs', () => {
    const object = { metadata: {} };
    const body = deepFreeze({
      ...envelope,
      request: {
        uid: '7058831a',
        namespace: 'payments',
        operation: 'CREATE',
        resource: { group: '', version: 'v1', resource: 'pods' },
        kind: { group: '', version: 'v1', kind: 'Binding' },
        subResource: 'binding',
        dryRun: true,
        name: 'web-1',
        object,
        oldObject: { metadata: null },
      },
    });

    assert.deepEqual(parseReview(body), {
      uid: '7058831a',
      namespace: 'payments',
      operation: 'CREATE',
      resource: { group: '', resource: 'pods' },
      kind: 'Binding',
      subresource: 'binding',
      dryRun: true,
      name: 'web-1',
      object,
      oldObject: { metadata: null },
    });
  });

  const nothing = {
    namespace: '',
    operation: '',
    resource: { group: '', resource: '' },
    kind: '',
    subresource: '',
    dryRun: false,
    name: '',
    object: undefined,
    oldObject: undefined,
  };

  const odd = [
    { name: 'nothing but a uid', request: {} },
    {
      name: 'nulls',
      request: { namespace: null, operation: null, resource: null, subResource: null, dryRun: null },
    },
    {
      name: 'numbers',
      request: { namespace: 1, operation: 2, resource: 3, kind: 5, subResource: 4, dryRun: 1 },
    },
    { name: 'lists', request: { namespace: [], operation: [], resource: [], subResource: [], dryRun: [] } },
    { name: 'numbers further in', request: { resource: { group: 1, resource: 2 } } },
    { name: 'a prototype', request: JSON.parse('{"__proto__":{"namespace":"payments","dryRun":true}}') },
  ];

  for (const { name, request } of odd) {
    test(`reads nothing, and throws nothing, where a request has ${name}`, () => {
      assert.deepEqual(parseReview({ ...envelope, request: { ...request, uid: 'u' } }), {
        uid: 'u',
        ...nothing,
      });
    });
  }

  for (const uid of ['u', ' ', 'ä', '"', '\n', '\u0000', '\ud800', '__proto__', 'u'.repeat(2_048)]) {
    test(`keeps the uid ${JSON.stringify(uid.slice(0, 20))} as it is`, () => {
      assert.equal(parseReview({ ...envelope, request: { uid } }).uid, uid);
    });
  }

  const request = { uid: 'u' };
  const invalid = [
    {
      name: 'with a uid that is longer than any',
      body: { ...envelope, request: { uid: 'u'.repeat(2_049) } },
      message: /^request.uid: expected up to 2048 characters, found more$/,
    },
    { name: 'null', body: null, message: /^expected an AdmissionReview/ },
    { name: 'missing', body: undefined, message: /^expected an AdmissionReview/ },
    { name: 'a list', body: [], message: /^expected an AdmissionReview/ },
    { name: 'a text', body: 'AdmissionReview', message: /^expected an AdmissionReview/ },
    { name: 'empty', body: {}, message: /^expected apiVersion admission.k8s.io\/v1/ },
    {
      name: 'of v1beta1',
      body: { ...envelope, apiVersion: 'admission.k8s.io/v1beta1', request },
      message: /^expected apiVersion/,
    },
    { name: 'of another kind', body: { ...envelope, kind: 'Pod', request }, message: /^expected apiVersion/ },
    { name: 'without a request', body: envelope, message: /^request: / },
    { name: 'of a null request', body: { ...envelope, request: null }, message: /^request: / },
    { name: 'of a list for a request', body: { ...envelope, request: [] }, message: /^request: / },
    { name: 'without a uid', body: { ...envelope, request: {} }, message: /^request.uid: / },
    { name: 'of an empty uid', body: { ...envelope, request: { uid: '' } }, message: /^request.uid: / },
    { name: 'of a number for a uid', body: { ...envelope, request: { uid: 1 } }, message: /^request.uid: / },
    {
      name: 'whose request is in its prototype',
      body: { ...envelope, ...JSON.parse('{"__proto__":{"request":{"uid":"u"}}}') },
      message: /^request: /,
    },
  ];

  for (const { name, body, message } of invalid) {
    test(`throws where the body is ${name}`, () => {
      assert.throws(() => parseReview(body), { name: 'InvalidReviewError', message });
      assert.throws(() => parseReview(body), InvalidReviewError);
    });
  }
});

suite('the routes of pods', () => {
  const creation = { operation: 'CREATE', resource: { resource: 'pods' } };

  const cases = [
    { name: 'the creation of a pod', request: creation, is: true },
    { name: 'its update', request: { ...creation, operation: 'UPDATE' }, is: false },
    { name: 'its deletion', request: { ...creation, operation: 'DELETE' }, is: false },
    { name: 'a subresource', request: { ...creation, subResource: 'binding' }, is: false },
    { name: 'another resource', request: { ...creation, resource: { resource: 'podtemplates' } }, is: false },
    {
      name: 'pods of another group',
      request: { ...creation, resource: { group: 'metrics.k8s.io', resource: 'pods' } },
      is: false,
    },
    { name: 'nothing', request: {}, is: false },
  ];

  for (const { name, request, is } of cases) {
    test(`${is ? 'decide' : 'do not decide'} ${name}`, () => {
      const review = parseReview({ ...envelope, request: { ...request, uid: 'u' } });
      assert.equal(createPodsRoute('mutate').parse(review) !== undefined, is);
    });
  }
});
