import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type LabelSelector, type Labels, matchesSelector } from '../../../src/policy/label-selector.ts';

const namespaces: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bare: {},
  payments: { team: 'payments' },
  search: { team: 'search', tier: 'prod' },
  empty: { team: '' },
};

suite('matchesSelector', () => {
  const cases: readonly { name: string; selector: LabelSelector; selected: readonly string[] }[] = [
    {
      name: 'everything, where it is empty',
      selector: {},
      selected: ['bare', 'payments', 'search', 'empty'],
    },
    {
      name: 'everything, where its parts are empty',
      selector: { matchLabels: {}, matchExpressions: [] },
      selected: ['bare', 'payments', 'search', 'empty'],
    },
    { name: 'by a label', selector: { matchLabels: { team: 'payments' } }, selected: ['payments'] },
    { name: 'by an empty label', selector: { matchLabels: { team: '' } }, selected: ['empty'] },
    {
      name: 'by all labels',
      selector: { matchLabels: { team: 'search', tier: 'prod' } },
      selected: ['search'],
    },
    {
      name: 'by labels and requirements together',
      selector: {
        matchLabels: { team: 'search' },
        matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }],
      },
      selected: [],
    },
    {
      name: 'by In',
      selector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['payments', 'search'] }] },
      selected: ['payments', 'search'],
    },
    {
      name: 'by NotIn, where the label is absent too',
      selector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['payments', 'search'] }] },
      selected: ['bare', 'empty'],
    },
    {
      name: 'by Exists',
      selector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
      selected: ['payments', 'search', 'empty'],
    },
    {
      name: 'by DoesNotExist',
      selector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
      selected: ['bare'],
    },
    {
      name: 'none by a label of the prototype',
      selector: { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] },
      selected: [],
    },
    {
      name: 'none by In without values',
      selector: { matchExpressions: [{ key: 'team', operator: 'In' }] },
      selected: [],
    },
  ];

  for (const { name, selector, selected } of cases) {
    test(`selects ${name}`, () => {
      const selects = (labels: Labels) => matchesSelector(selector, labels);

      assert.deepEqual(
        Object.keys(namespaces).filter((name) => selects(new Map(Object.entries(namespaces[name] ?? {})))),
        selected,
      );
    });
  }
});
