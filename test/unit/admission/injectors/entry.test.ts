import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseInjectorEdit } from '../../../../src/admission/injectors/read.ts';
import { ROLE_ANNOTATION } from '../../../../src/admission/role-annotation.ts';
import { formatPath } from '../../../../src/text/problem.ts';
import { entryOf, profileOf, profileReview, selectorReview } from '../../../builders/injector-edit.ts';

const ROLE = { [ROLE_ANNOTATION]: 'reader' };
const requirement = (fields: object) => ({
  matchExpressions: [{ key: 'team', operator: 'In', values: ['a'], ...fields }],
});
const withSelector = (namespaceSelector: unknown) => entryOf('reader', { namespaceSelector });

function read(entry: unknown) {
  const entries = parseInjectorEdit(profileReview(profileOf([entry]))) ?? assert.fail();
  return entries[0]?.injection;
}

/** Where the problem of an entry is; undefined if it has none. */
function problemPath(injection: ReturnType<typeof read>): string | undefined {
  return injection?.ok === false ? formatPath(injection.problem.path) : undefined;
}

suite('an entry of the ConfigMap', () => {
  const setting = [
    { name: 'as documented', entry: entryOf('reader') },
    { name: 'that mentions the annotation in its name', entry: entryOf('reader', { name: ROLE_ANNOTATION }) },
    {
      name: 'with nulls, which count as absent',
      entry: entryOf('reader', { name: null, namespaceSelector: null, objectSelector: null }),
    },
    {
      name: 'beside labels and other annotations',
      entry: { effect: { annotations: { ...ROLE, other: 'x', empty: null }, labels: { a: 'b' } } },
    },
  ];
  for (const { name, entry } of setting) {
    test(`sets the role ${name}`, () => {
      assert.deepEqual(read(entry), { ok: true, value: { role: 'reader', namespaceSelector: undefined } });
    });
  }

  for (const selector of [
    {},
    { matchLabels: { team: 'a' } },
    requirement({ operator: 'Exists', values: [] }),
  ]) {
    test(`is read with the namespace selector ${JSON.stringify(selector)}`, () => {
      const entry = entryOf('reader', { namespaceSelector: selector, objectSelector: {} });
      assert.deepEqual(read(entry), { ok: true, value: { role: 'reader', namespaceSelector: selector } });
    });
  }

  const without = [
    { name: 'a number', entry: 7 },
    { name: 'null', entry: null },
    { name: 'other annotations', entry: { effect: { annotations: { other: 'x' } } } },
    { name: 'another shape that does not mention the annotation', entry: { effect: ['x'], Effect: 7 } },
    { name: 'an empty role', entry: entryOf('') },
    { name: 'a role that is null', entry: entryOf(null) },
    { name: 'the annotation in its name alone', entry: { name: ROLE_ANNOTATION } },
    { name: 'no annotations', entry: { name: ROLE_ANNOTATION, effect: { annotations: null } } },
    {
      name: 'the annotation in another case, which is another key',
      entry: { effect: { annotations: { [ROLE_ANNOTATION.toUpperCase()]: 'x' } } },
    },
  ];
  for (const { name, entry } of without) {
    test(`sets no role with ${name}`, () => assert.equal(read(entry), undefined));
  }

  const AT = 'data.selectors[0]';
  const refused = [
    { name: 'is a text that mentions the annotation', entry: `{"${ROLE_ANNOTATION}":"x"}`, path: AT },
    { name: 'has an effect that is a list', entry: { effect: [ROLE] }, path: `${AT}.effect` },
    {
      name: 'has annotations that are a list',
      entry: { effect: { annotations: [{ key: ROLE_ANNOTATION }] } },
      path: `${AT}.effect.annotations`,
    },
    {
      name: 'has its effect in another case, which encoding/json takes for the field',
      entry: { EFFECT: { annotations: ROLE } },
      path: `${AT}.EFFECT`,
    },
    {
      name: 'has a field with letters that encoding/json takes for ASCII',
      entry: { ...entryOf('reader'), 'object\u017felector': {} },
      path: `${AT}["object\u017felector"]`,
    },
    {
      name: 'selects namespaces in another case',
      entry: entryOf('reader', { NamespaceSelector: {} }),
      path: `${AT}.NamespaceSelector`,
    },
    {
      name: 'has two maps of annotations',
      entry: { effect: { annotations: {}, ANNOTATIONS: ROLE } },
      path: `${AT}.effect.ANNOTATIONS`,
    },
    { name: 'has an unknown field', entry: entryOf('reader', { priority: 1 }), path: `${AT}.priority` },
    { name: 'has the annotation among the labels', entry: { effect: { labels: ROLE } }, path: AT },
    {
      name: 'has a role that is a number',
      entry: entryOf(7),
      path: `${AT}.effect.annotations["${ROLE_ANNOTATION}"]`,
    },
    {
      name: 'has another annotation that is a number',
      entry: { effect: { annotations: { ...ROLE, other: 7 } } },
      path: `${AT}.effect.annotations.other`,
    },
    {
      name: 'selects pods by a text',
      entry: entryOf('reader', { objectSelector: 'a=b' }),
      path: `${AT}.objectSelector`,
    },
    { name: 'selects namespaces by a text', entry: withSelector('a=b'), path: `${AT}.namespaceSelector` },
    {
      name: 'selects namespaces by no field of a label selector',
      entry: withSelector({ team: 'a' }),
      path: `${AT}.namespaceSelector.team`,
    },
    {
      name: 'selects namespaces by labels in another case',
      entry: withSelector({ MatchLabels: { team: 'a' } }),
      path: `${AT}.namespaceSelector.MatchLabels`,
    },
    {
      name: 'selects namespaces by a label that is a number',
      entry: withSelector({ matchLabels: { a: 1 } }),
      path: `${AT}.namespaceSelector.matchLabels.a`,
    },
    {
      name: 'selects namespaces by a key that no label has',
      entry: withSelector({ matchLabels: { 'a b': 'x' } }),
      path: `${AT}.namespaceSelector.matchLabels["a b"]`,
    },
    {
      name: 'has a requirement in another case',
      entry: withSelector({ matchExpressions: [{ Key: 'a', key: 'a', operator: 'Exists' }] }),
      path: `${AT}.namespaceSelector.matchExpressions[0].Key`,
    },
    {
      name: 'has another operator',
      entry: withSelector(requirement({ operator: 'Gt' })),
      path: `${AT}.namespaceSelector.matchExpressions[0].operator`,
    },
    {
      name: 'has In without values',
      entry: withSelector(requirement({ values: [] })),
      path: `${AT}.namespaceSelector.matchExpressions[0].values`,
    },
    {
      name: 'has Exists with values',
      entry: withSelector(requirement({ operator: 'Exists' })),
      path: `${AT}.namespaceSelector.matchExpressions[0].values`,
    },
  ];
  for (const { name, entry, path } of refused) {
    test(`cannot be read if it ${name}`, () => assert.equal(problemPath(read(entry)), path));
  }
});

suite('the spec of a Selector', () => {
  const { effect } = entryOf('reader');
  const specOf = (spec: object) => parseInjectorEdit(selectorReview(spec))?.[0]?.injection;

  test('may have a policy and a priority of any shape', () => {
    const namespaceLabels = { matchLabels: { team: 'a' } };
    assert.deepEqual(specOf({ effect, namespaceLabels, policy: { fair: {} }, priority: 7 }), {
      ok: true,
      value: { role: 'reader', namespaceSelector: namespaceLabels },
    });
  });

  const refused = [
    {
      name: 'the selector of the ConfigMap',
      spec: { effect, namespaceSelector: {} },
      path: 'spec.namespaceSelector',
    },
    {
      name: 'unknown fields, of which the first is reported',
      spec: { effect, first: 1, second: 2 },
      path: 'spec.first',
    },
    { name: 'the annotation in its policy', spec: { effect, policy: ROLE }, path: 'spec' },
    { name: 'more values than are read', spec: { effect, policy: Array(20_000).fill(0) }, path: 'spec' },
  ];
  for (const { name, spec, path } of refused) {
    test(`cannot be read with ${name}`, () => assert.equal(problemPath(specOf(spec)), path));
  }
});
