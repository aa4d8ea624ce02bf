import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readInjectorEntry } from '../../../src/admission/injectors/read-injector-entry.ts';
import { ROLE_ANNOTATION } from '../../../src/admission/role-annotation.ts';
import { entryOf } from '../../builders/injector-edit.ts';

const FIELDS = ['namespaceSelector', 'objectSelector'] as const;
const ROLE = { [ROLE_ANNOTATION]: 'reader' };

suite('an entry of an injector', () => {
  const setting = [
    { name: 'as documented', entry: entryOf('reader') },
    {
      name: 'that mentions the annotation in another text too',
      entry: entryOf('reader', { name: ROLE_ANNOTATION }),
    },
    { name: 'beside keys of prototypes', entry: entryOf('reader', JSON.parse('{"__proto__":{"effect":1}}')) },
  ];
  for (const { name, entry } of setting) {
    test(`sets the role ${name}`, () => {
      assert.deepEqual(readInjectorEntry(entry, 'e', FIELDS), {
        value: { role: 'reader', namespaceSelector: undefined },
      });
    });
  }

  test('has its selector of namespaces read', () => {
    const entry = entryOf('reader', {
      namespaceSelector: { matchLabels: { team: 'a' } },
      objectSelector: {},
    });
    assert.deepEqual(readInjectorEntry(entry, 'e', FIELDS).value?.namespaceSelector, {
      matchExpressions: [{ key: 'team', operator: 'In', values: ['a'] }],
    });
  });

  const without = [
    { name: 'a number', entry: 7 },
    { name: 'null', entry: null },
    { name: 'other annotations', entry: { effect: { annotations: { other: 'x' } } } },
    { name: 'annotations of numbers, but for ours', entry: { effect: { annotations: { other: 7 } } } },
    { name: 'an effect of another shape that does not mention the annotation', entry: { effect: ['x'] } },
    { name: 'an empty role', entry: entryOf('') },
    { name: 'a role that is null, which Go reads as empty', entry: entryOf(null) },
    { name: 'the annotation in another text alone', entry: { name: ROLE_ANNOTATION } },
    { name: 'no annotations', entry: { name: ROLE_ANNOTATION, effect: { annotations: null } } },
    {
      name: 'the annotation in another case, which is another key',
      entry: { effect: { annotations: { [ROLE_ANNOTATION.toUpperCase()]: 'x' } } },
    },
  ];
  for (const { name, entry } of without) {
    test(`sets no role with ${name}`, () => {
      assert.deepEqual(readInjectorEntry(entry, 'e', FIELDS), { value: undefined });
    });
  }

  const refused = [
    { name: 'is a text that mentions it', entry: `{"${ROLE_ANNOTATION}":"x"}`, path: 'e' },
    { name: 'has an effect that is a list', entry: { effect: [ROLE] }, path: 'e.effect' },
    {
      name: 'has annotations that are a list',
      entry: { effect: { annotations: [{ key: ROLE_ANNOTATION }] } },
      path: 'e.effect.annotations',
    },
    { name: 'has its effect in another case', entry: { EFFECT: { annotations: ROLE } }, path: 'e.effect' },
    {
      name: 'selects namespaces in another case, which some readers take for all',
      entry: entryOf('reader', { NamespaceSelector: {} }),
      path: 'e.namespaceSelector',
    },
    {
      name: 'selects by labels in another case',
      entry: entryOf('reader', { namespaceSelector: { MatchLabels: { team: 'a' } } }),
      path: 'e.namespaceSelector.matchLabels',
    },
    {
      name: 'has a requirement in another case',
      entry: entryOf('reader', {
        namespaceSelector: { matchExpressions: [{ Key: 'a', operator: 'Exists' }] },
      }),
      path: 'e.namespaceSelector.matchExpressions[0].key',
    },
    { name: 'has two effects', entry: { effect: { annotations: ROLE }, Effect: {} }, path: 'e.effect' },
    {
      name: 'has two maps of annotations',
      entry: { effect: { annotations: {}, ANNOTATIONS: ROLE } },
      path: 'e.effect.annotations',
    },
    {
      name: 'has more values than any',
      entry: entryOf('reader', { labels: Array(20_000).fill(0) }),
      path: 'e',
    },
    { name: 'has the annotation among the labels', entry: { effect: { labels: ROLE } }, path: 'e' },
    { name: 'has the annotation twice', entry: entryOf('reader', { patch: [ROLE] }), path: 'e' },
    {
      name: 'has a role that is a number',
      entry: entryOf(7),
      path: `e.effect.annotations["${ROLE_ANNOTATION}"]`,
    },
    {
      name: 'selects pods by a text',
      entry: entryOf('reader', { objectSelector: 'a=b' }),
      path: 'e.objectSelector',
    },
    {
      name: 'selects namespaces by a text',
      entry: entryOf('reader', { namespaceSelector: 'a=b' }),
      path: 'e.namespaceSelector',
    },
  ];
  for (const { name, entry, path } of refused) {
    test(`cannot be read where it ${name}`, () => {
      assert.equal(readInjectorEntry(entry, 'e', FIELDS).problem?.path, path);
    });
  }
});
