import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findExcessLabels, withoutExcessLabels } from '../../../../src/policy/schema/normalize.ts';

const objectOf = (count: number) => ({
  kind: 'x',
  spec: {
    roles: [],
    namespaceSelector: {
      matchLabels: Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v'])),
      matchExpressions: [],
    },
  },
});

test('takes out labels where there are too many, and tells of them', () => {
  assert.deepEqual(withoutExcessLabels(objectOf(65)), {
    kind: 'x',
    spec: { roles: [], namespaceSelector: { matchLabels: {}, matchExpressions: [] } },
  });
  assert.deepEqual(findExcessLabels(objectOf(65)), [
    {
      path: ['spec', 'namespaceSelector', 'matchLabels'],
      expected: 'a map of up to 64 labels',
      found: 'an object',
    },
  ]);
});

for (const { name, root } of [
  { name: 'an object of 64 labels', root: objectOf(64) },
  { name: 'what is no object', root: 'text' },
  {
    name: 'an object whose labels are a text',
    root: { spec: { namespaceSelector: { matchLabels: 'x'.repeat(65) } } },
  },
]) {
  test(`leaves ${name} as it is`, () => {
    assert.equal(withoutExcessLabels(root), root);
    assert.deepEqual(findExcessLabels(root), []);
  });
}
