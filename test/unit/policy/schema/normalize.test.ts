import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalize } from '../../../../src/policy/schema/normalize.ts';
import { deepFreeze } from '../../../builders/deep-freeze.ts';

const unknown = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, index]));
const many = (count: number) => Array.from({ length: count }, () => 'a');
const requirement = (fields: object) => ({ key: 'team', ...fields, operator: 'In' });

const selectorOf = (fields: object, ...requirements: unknown[]) => ({
  ...fields,
  matchExpressions: requirements,
});

const cases = [
  { name: 'a value that is no object', root: 'text', normalized: 'text' },
  { name: 'a spec that is no object', root: { spec: [1] }, normalized: { spec: [1] } },
  {
    name: 'metadata, of which it keeps the name',
    root: { metadata: { name: 'a', labels: {} } },
    normalized: { metadata: { name: 'a' } },
  },
  { name: 'metadata without a name', root: { metadata: { labels: {} } }, normalized: { metadata: {} } },
  {
    name: 'unknown fields, of which it keeps a hundred and every known one',
    root: { ...unknown(1000), kind: 'x', spec: { ...unknown(1000), roles: [] } },
    normalized: { kind: 'x', ...unknown(100), spec: { roles: [], ...unknown(100) } },
  },
  {
    name: 'lists, of which it keeps one item more than a valid one has',
    root: { spec: { namespaces: many(256), roles: many(1000) } },
    normalized: { spec: { namespaces: many(256), roles: many(257) } },
  },
  {
    name: 'selectors and their requirements in the same way',
    root: {
      spec: {
        namespaceSelector: selectorOf(unknown(1000), 1, requirement({ ...unknown(1000), values: many(300) })),
      },
    },
    normalized: {
      spec: {
        namespaceSelector: selectorOf(unknown(100), 1, requirement({ ...unknown(100), values: many(257) })),
      },
    },
  },
];
for (const { name, root, normalized } of cases) {
  test(`normalizes ${name}`, () => {
    assert.deepEqual(normalize(deepFreeze(root)), normalized);
  });
}
