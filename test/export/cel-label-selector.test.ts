import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildLabelsExpression } from '../../src/export/cel-label-selector.ts';
import type { LabelSelector } from '../../src/policy/label-selector.ts';

suite('buildLabelsExpression', () => {
  const cases: readonly { name: string; selector: LabelSelector; expression: string }[] = [
    { name: 'an empty selector', selector: {}, expression: 'true' },
    { name: 'empty parts', selector: { matchLabels: {}, matchExpressions: [] }, expression: 'true' },
    {
      name: 'matchLabels',
      selector: { matchLabels: { team: 'a', 'x.y/z': '' } },
      expression: "(('team' in l && l['team'] in ['a']) && ('x.y/z' in l && l['x.y/z'] in ['']))",
    },
    {
      name: 'In',
      selector: { matchExpressions: [{ key: 'k', operator: 'In', values: ['a', 'b'] }] },
      expression: "(('k' in l && l['k'] in ['a', 'b']))",
    },
    {
      name: 'NotIn, which holds without the key too',
      selector: { matchExpressions: [{ key: 'k', operator: 'NotIn', values: ['a'] }] },
      expression: "(!('k' in l && l['k'] in ['a']))",
    },
    {
      name: 'Exists and DoesNotExist',
      selector: {
        matchExpressions: [
          { key: 'k', operator: 'Exists' },
          { key: 'm', operator: 'DoesNotExist', values: [] },
        ],
      },
      expression: "('k' in l && !('m' in l))",
    },
    {
      name: 'In without values, which nothing meets',
      selector: { matchExpressions: [{ key: 'k', operator: 'In' }] },
      expression: "(('k' in l && l['k'] in []))",
    },
  ];

  for (const { name, selector, expression } of cases) {
    test(`says ${name}`, () => {
      assert.equal(buildLabelsExpression('l', selector), expression);
    });
  }
});
