import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNamespacePattern } from '../../../src/policy/names.ts';

for (const { value, expected } of [
  { value: 'payments', expected: true },
  { value: 'pay*-1', expected: true },
  { value: '*', expected: true },
  { value: 'n'.repeat(63), expected: true },
  { value: 'n'.repeat(64), expected: false },
  { value: '', expected: false },
  { value: '-a', expected: false },
  { value: 'Payments', expected: false },
  { value: 'a\n', expected: false },
  { value: ['payments'], expected: false },
]) {
  test(`takes ${JSON.stringify(value)} for ${expected ? 'a' : 'no'} pattern of a namespace`, () => {
    assert.equal(isNamespacePattern(value), expected);
  });
}
