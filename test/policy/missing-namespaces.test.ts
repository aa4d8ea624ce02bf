import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMissing } from '../../src/admission/allowlists/missing-namespaces.ts';
import { compileAllowlist } from '../../src/policy/allowlist.ts';
import { allowlistOf } from '../builders/policy.ts';

const NAME = 'kubernetes.io/metadata.name';
const KNOWN = new Map([['payments', new Map([[NAME, 'payments']])]]);

const CASES = [
  {
    name: 'exact names, and no globs',
    spec: { namespaces: ['payments', 'staging', 'x-*'] },
    expected: { byName: ['staging'], byLabel: [] },
  },
  {
    name: 'the value of the label that is the name',
    spec: { namespaceSelector: { matchLabels: { [NAME]: 'staging', team: 'qa' } } },
    expected: { byName: [], byLabel: ['staging'] },
  },
  {
    name: 'no value that another requirement of the name leaves out',
    spec: {
      namespaceSelector: {
        matchLabels: { [NAME]: 'staging' },
        matchExpressions: [{ key: NAME, operator: 'In' as const, values: ['staging', 'qa'] }],
      },
    },
    expected: { byName: [], byLabel: ['staging', 'staging'] },
  },
  {
    name: 'no value of NotIn, nor of another label',
    spec: {
      namespaceSelector: {
        matchExpressions: [
          { key: NAME, operator: 'NotIn' as const, values: ['dev'] },
          { key: 'team', operator: 'In' as const, values: ['qa'] },
        ],
      },
    },
    expected: { byName: [], byLabel: [] },
  },
];

for (const { name, spec, expected } of CASES) {
  test(`finds ${name}`, () => {
    const allowlist = compileAllowlist(allowlistOf('list', spec), () => false);
    assert.deepEqual(findMissing(allowlist, KNOWN), expected);
  });
}

test('finds nothing of no list', () => {
  assert.deepEqual(findMissing(undefined, KNOWN), { byName: [], byLabel: [] });
});
