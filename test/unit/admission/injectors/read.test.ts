import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseInjectorEdit } from '../../../../src/admission/injectors/read.ts';
import { formatProblem } from '../../../../src/text/problem.ts';
import { entryOf, profileOf, profileReview, selectorReview } from '../../../builders/injector-edit.ts';

const GOOD = profileOf([entryOf('reader')]);
const SPEC = { effect: entryOf('reader').effect };

suite('what is an edit of an injector', () => {
  const others = [
    {
      name: 'another ConfigMap',
      review: profileReview({ ...GOOD, metadata: { name: 'other' } }, undefined, { name: 'other' }),
    },
    {
      name: 'the ConfigMap of another namespace',
      review: profileReview(GOOD, undefined, { namespace: 'tenant' }),
    },
    {
      name: 'a Secret of its name',
      review: profileReview(GOOD, undefined, { resource: { group: '', resource: 'secrets' } }),
    },
    {
      name: 'the ConfigMaps of another group',
      review: profileReview(GOOD, undefined, { resource: { group: 'x.io', resource: 'configmaps' } }),
    },
    { name: 'its deletion', review: profileReview(null, GOOD, { operation: 'DELETE' }) },
    { name: 'a subresource', review: selectorReview(SPEC, SPEC, { subResource: 'status' }) },
    {
      name: 'selectors of another group',
      review: selectorReview(SPEC, undefined, { resource: { group: 'x.io', resource: 'selectors' } }),
    },
    {
      name: 'another resource of the group',
      review: selectorReview(SPEC, undefined, { resource: { group: 'eci.aliyun.com', resource: 'others' } }),
    },
  ];
  for (const { name, review } of others) {
    test(`is not ${name}`, () => assert.equal(parseInjectorEdit(review), undefined));
  }

  const edits = [
    {
      name: 'the ConfigMap, named by its metadata',
      review: profileReview(GOOD, undefined, { name: '' }),
      says: ['selector "spark" of ConfigMap eci-profile'],
    },
    {
      name: 'the ConfigMap, named by the request alone',
      review: profileReview({ data: GOOD.data }),
      says: ['selector "spark" of ConfigMap eci-profile'],
    },
    {
      name: 'an entry without a name',
      review: profileReview(profileOf([{}, entryOf('r', { name: '' })])),
      says: ['selector [1] of ConfigMap eci-profile'],
    },
    { name: 'a namespaced Selector', review: selectorReview(SPEC), says: ['Selector "tenant/spark"'] },
    {
      name: 'a cluster-scoped Selector',
      review: selectorReview(SPEC, undefined, { namespace: '' }),
      says: ['Selector "spark"'],
    },
    { name: 'a Selector without a spec', review: selectorReview(undefined), says: [] },
    { name: 'what is no object', review: profileReview('text'), says: [] },
  ];
  for (const { name, review, says } of edits) {
    test(`is ${name}`, () =>
      assert.deepEqual(
        parseInjectorEdit(review)?.map(({ name }) => name),
        says,
      ));
  }
});

suite('ConfigMap eci-profile', () => {
  for (const selectors of ['', ' \n', 'null', '[]', '[{"name":"a"},7,null]']) {
    test(`sets no role with selectors ${JSON.stringify(selectors)}`, () => {
      assert.deepEqual(parseInjectorEdit(profileReview(profileOf(selectors))), []);
    });
  }

  const refused = [
    {
      name: 'selectors in YAML',
      object: profileOf('- name: spark'),
      problem: 'data.selectors: expected a JSON list of selectors, found a text that is not JSON',
    },
    {
      name: 'selectors that are an object',
      object: profileOf({}),
      problem: 'data.selectors: expected a JSON list of selectors, found an object',
    },
    {
      name: 'a key that stands twice',
      object: profileOf('[{"effect":{},"effect":{}}]'),
      problem: 'data.selectors: expected a JSON list of selectors, found a duplicate key',
    },
    {
      name: '501 selectors, though none sets a role',
      object: profileOf(Array(501).fill({})),
      problem: 'data.selectors: expected at most 500 selectors, found 501',
    },
    {
      name: 'selectors that are no text',
      object: { data: { selectors: 7 } },
      problem: 'data.selectors: expected a text, found 7',
    },
    {
      name: 'binary selectors',
      object: profileOf('', { binaryData: { selectors: 'W10=' } }),
      problem: 'binaryData.selectors: expected nothing, found "W10="',
    },
    {
      name: 'an entry of another shape',
      object: profileOf([{}, entryOf(7)]),
      problem:
        'data.selectors[1].effect.annotations["k8s.aliyun.com/eci-ram-role-name"]: expected a text, found 7',
    },
  ];
  for (const { name, object, problem } of refused) {
    test(`cannot be read with ${name}`, () => {
      const found = parseInjectorEdit(profileReview(object))?.map(({ injection }) =>
        injection.ok ? 'no problem' : formatProblem(injection.problem),
      );
      assert.deepEqual(found, [problem]);
    });
  }

  test('has binary selectors told beside what else cannot be read', () => {
    for (const selectors of ['x', '{}', '[{},7]', 7]) {
      const object = { data: { selectors }, binaryData: { selectors: 'W10=' } };
      const injection = parseInjectorEdit(profileReview(object))?.[0]?.injection;
      assert.deepEqual(injection?.ok === false && injection.problem.path, ['binaryData', 'selectors']);
    }
  });
});

suite('what stood there before', () => {
  const entry = entryOf('reader', { namespaceSelector: { matchLabels: { a: 'x', b: 'y' } } });
  const bad = entryOf(7);
  const rows = [
    { name: 'an entry that stays', old: [entry], now: [entry], isUnchanged: [true] },
    { name: 'an entry that moves', old: [entry], now: [entryOf('other'), entry], isUnchanged: [false, true] },
    {
      name: 'keys in another order',
      old: [{ effect: entry.effect, namespaceSelector: { matchLabels: { b: 'y', a: 'x' } }, name: 'spark' }],
      now: [entry],
      isUnchanged: [true],
    },
    { name: 'another role', old: [entryOf('other')], now: [entryOf('reader')], isUnchanged: [false] },
    { name: 'another selection of namespaces', old: [entryOf('reader')], now: [entry], isUnchanged: [false] },
    {
      name: 'another selection of pods',
      old: [entry],
      now: [{ ...entry, objectSelector: {} }],
      isUnchanged: [false],
    },
    {
      name: 'another thing beside the role',
      old: [entry],
      now: [{ ...entry, priority: 9 }],
      isUnchanged: [false],
    },
    { name: 'an entry that could not be read then either', old: [bad], now: [bad], isUnchanged: [true] },
    { name: 'text that could not be read then either', old: 'x', now: 'x', isUnchanged: [true] },
    { name: 'other text that cannot be read', old: 'x', now: 'y', isUnchanged: [false] },
    { name: 'text that could be read then', old: '[]', now: '{}', isUnchanged: [false] },
  ];
  for (const { name, old, now, isUnchanged } of rows) {
    test(`is known of ${name}`, () => {
      const entries = parseInjectorEdit(profileReview(profileOf(now), profileOf(old)));
      assert.deepEqual(
        entries?.map(({ isUnchanged }) => isUnchanged),
        isUnchanged,
      );
    });
  }

  test('is nothing at a creation', () => {
    const review = profileReview(profileOf([entry]), profileOf([entry]), { operation: 'CREATE' });
    assert.equal(parseInjectorEdit(review)?.[0]?.isUnchanged, false);
  });

  test('is the spec of a Selector, whatever becomes of its metadata', () => {
    assert.equal(parseInjectorEdit(selectorReview(SPEC, SPEC))?.[0]?.isUnchanged, true);
    assert.equal(parseInjectorEdit(selectorReview({ ...SPEC, priority: 9 }, SPEC))?.[0]?.isUnchanged, false);
  });
});

test('500 selectors are read', () => {
  assert.equal(parseInjectorEdit(profileReview(profileOf(Array(500).fill(entryOf('reader')))))?.length, 500);
});

test('what is too large to be compared is never what stood there before', () => {
  const large = (last: number) => ({ data: { selectors: [...Array(20_000).fill(0), last] } });
  for (const now of [1, 2]) {
    assert.deepEqual(
      parseInjectorEdit(profileReview(large(now), large(1)))?.map(({ isUnchanged }) => isUnchanged),
      [false],
    );
  }
});
