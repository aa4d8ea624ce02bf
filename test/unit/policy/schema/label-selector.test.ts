import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { labelSelectorSchema } from '../../../../src/policy/schema/label-selector.ts';

suite('labelSelectorSchema', () => {
  const keys = [
    { key: 'a', isValid: true },
    { key: 'A_b-c.d9', isValid: true },
    { key: 'example.com/team', isValid: true },
    { key: 'k'.repeat(63), isValid: true },
    { key: `${'p'.repeat(253)}/k`, isValid: true },
    { key: '', isValid: false },
    { key: '-a', isValid: false },
    { key: 'a-', isValid: false },
    { key: 'k'.repeat(64), isValid: false },
    { key: `${'p'.repeat(254)}/k`, isValid: false },
    { key: 'Example.com/team', isValid: false },
    { key: 'a/b/c', isValid: false },
    { key: '/a', isValid: false },
    { key: 'a/', isValid: false },
    { key: 'a\n', isValid: false },
  ];

  for (const { key, isValid } of keys) {
    test(`is ${isValid} of the key ${JSON.stringify(key).slice(0, 40)} in labels and requirements alike`, () => {
      const inLabels = { matchLabels: { [key]: 'x' } };
      const inRequirement = { matchExpressions: [{ key, operator: 'Exists' }] };

      assert.equal(labelSelectorSchema.safeParse(inLabels).success, isValid);
      assert.equal(labelSelectorSchema.safeParse(inRequirement).success, isValid);
    });
  }

  const values = [
    { value: '', isValid: true },
    { value: 'a', isValid: true },
    { value: 'A_b-c.d9', isValid: true },
    { value: 'v'.repeat(63), isValid: true },
    { value: 'v'.repeat(64), isValid: false },
    { value: '-a', isValid: false },
    { value: 'a b', isValid: false },
    { value: '*', isValid: false },
  ];

  for (const { value, isValid } of values) {
    test(`is ${isValid} of the value ${JSON.stringify(value).slice(0, 40)} in labels and requirements alike`, () => {
      const inLabels = { matchLabels: { a: value } };
      const inRequirement = { matchExpressions: [{ key: 'a', operator: 'In', values: [value] }] };

      assert.equal(labelSelectorSchema.safeParse(inLabels).success, isValid);
      assert.equal(labelSelectorSchema.safeParse(inRequirement).success, isValid);
    });
  }
});
