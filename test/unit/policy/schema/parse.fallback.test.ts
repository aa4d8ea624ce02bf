import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denyOnlyFallback } from '../../../../src/policy/schema/parse.ts';

const DENIES = { roles: [], injectInto: 'EciPods', violationAction: 'Deny' };
const SELECTOR = { matchLabels: { team: 'payments' } };

const cases = [
  { name: 'nothing of what is no object', spec: 'roles', selects: {} },
  { name: 'nothing of an object without namespaces', spec: { roles: ['*'] }, selects: {} },
  { name: 'nothing of namespaces that are no list', spec: { namespaces: 'payments' }, selects: {} },
  {
    name: 'the readable ones of the namespaces',
    spec: { namespaces: ['payments', 'Payments', 7, 'pay-*'], violationAction: 'Audit', roles: ['*'] },
    selects: { namespaces: ['payments', 'pay-*'] },
  },
  {
    name: 'both namespaces and selector where both are given',
    spec: { namespaces: ['payments'], namespaceSelector: SELECTOR },
    selects: { namespaces: ['payments'], namespaceSelector: SELECTOR },
  },
  {
    name: 'no selector that cannot be read',
    spec: { namespaceSelector: { matchLabels: { '-': 'x' } } },
    selects: {},
  },
  {
    name: 'no selector of more labels than there may be',
    spec: {
      namespaceSelector: {
        matchLabels: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, 'x'])),
      },
    },
    selects: {},
  },
];

for (const { name, spec, selects } of cases) {
  test(`salvages ${name}`, () => {
    assert.deepEqual(denyOnlyFallback('broken', spec), { name: 'broken', spec: { ...selects, ...DENIES } });
  });
}
