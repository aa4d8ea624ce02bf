import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readLabelSelector } from '../../../src/admission/injectors/read-label-selector.ts';
import { compileLabelSelector } from '../../../src/policy/label-selector.ts';

const expression = (fields: object) => ({
  matchExpressions: [{ key: 'team', operator: 'In', values: ['a'], ...fields }],
});

suite('a label selector', () => {
  const A = new Map([['team', 'a']]);
  const read = [
    { name: 'of labels', selector: { matchLabels: { team: 'a' } }, ofA: true, ofNone: false },
    {
      name: 'of labels and expressions, both of which count',
      selector: { matchLabels: { team: 'a' }, ...expression({ values: ['b'] }) },
      ofA: false,
      ofNone: false,
    },
    {
      name: 'of a label that is null, the empty text',
      selector: { matchLabels: { team: null } },
      ofA: false,
      ofNone: false,
    },
    { name: 'In', selector: expression({}), ofA: true, ofNone: false },
    { name: 'NotIn', selector: expression({ operator: 'NotIn' }), ofA: false, ofNone: true },
    { name: 'Exists', selector: expression({ operator: 'Exists', values: null }), ofA: true, ofNone: false },
    {
      name: 'DoesNotExist',
      selector: expression({ operator: 'DoesNotExist', values: [] }),
      ofA: false,
      ofNone: true,
    },
    { name: 'without anything', selector: {}, ofA: true, ofNone: true },
    { name: 'of nulls', selector: { matchLabels: null, matchExpressions: null }, ofA: true, ofNone: true },
    {
      name: 'of fields that it does not have',
      selector: { team: 'b', matchNames: ['b'] },
      ofA: true,
      ofNone: true,
    },
    {
      name: 'of a label called __proto__',
      selector: { matchLabels: JSON.parse('{"__proto__":"a"}') },
      ofA: false,
      ofNone: false,
    },
  ];
  for (const { name, selector, ofA, ofNone } of read) {
    test(`${name} selects as Kubernetes does`, () => {
      const matches = compileLabelSelector(readLabelSelector(selector, 's').value ?? assert.fail());
      assert.deepEqual([matches(A), matches(new Map())], [ofA, ofNone]);
    });
  }

  for (const value of [undefined, null]) {
    test(`is undefined where it is ${value}`, () => {
      assert.deepEqual(readLabelSelector(value, 's'), { value: undefined });
    });
  }

  const refused = [
    { name: 'a text', selector: 'team=a', path: 's', found: '"team=a"' },
    {
      name: 'labels that are a list',
      selector: { matchLabels: ['a'] },
      path: 's.matchLabels',
      found: 'a list of 1',
    },
    {
      name: 'a label that is a number',
      selector: { matchLabels: { a: 1 } },
      path: 's.matchLabels["a"]',
      found: '1',
    },
    {
      name: 'expressions that are no list',
      selector: { matchExpressions: {} },
      path: 's.matchExpressions',
      found: 'an object',
    },
    {
      name: 'an expression that is a text',
      selector: { matchExpressions: ['x'] },
      path: 's.matchExpressions[0]',
      found: '"x"',
    },
    {
      name: 'no key',
      selector: expression({ key: undefined }),
      path: 's.matchExpressions[0].key',
      found: 'nothing',
    },
    {
      name: 'another operator',
      selector: expression({ operator: 'Gt' }),
      path: 's.matchExpressions[0].operator',
      found: '"Gt"',
    },
    {
      name: 'In without values',
      selector: expression({ values: [] }),
      path: 's.matchExpressions[0].values',
      found: 'a list of 0',
    },
    {
      name: 'Exists with values',
      selector: expression({ operator: 'Exists' }),
      path: 's.matchExpressions[0].values',
      found: 'a list of 1',
    },
    {
      name: 'values that are a text',
      selector: expression({ values: 'a' }),
      path: 's.matchExpressions[0].values',
      found: '"a"',
    },
    {
      name: 'a value that is a number',
      selector: expression({ values: [1] }),
      path: 's.matchExpressions[0].values',
      found: 'a list of 1',
    },
  ];
  for (const { name, selector, path, found } of refused) {
    test(`cannot be read with ${name}`, () => {
      const { problem } = readLabelSelector(selector, 's');
      assert.deepEqual([problem?.path, problem?.found], [path, found]);
    });
  }
});
