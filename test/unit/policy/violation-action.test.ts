import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  isSofter,
  strictest,
  VIOLATION_ACTIONS,
  type ViolationAction,
} from '../../../src/policy/violation-action.ts';

suite('strictest', () => {
  const cases: readonly { first: ViolationAction; others: readonly ViolationAction[]; strictest: string }[] =
    [
      { first: 'Audit', others: [], strictest: 'Audit' },
      { first: 'Audit', others: ['Warn'], strictest: 'Warn' },
      { first: 'Warn', others: ['Strip', 'Audit'], strictest: 'Strip' },
      { first: 'Strip', others: ['Audit', 'Deny', 'Warn'], strictest: 'Deny' },
      { first: 'Deny', others: ['Strip', 'Warn', 'Audit'], strictest: 'Deny' },
    ];

  for (const { first, others, strictest: expected } of cases) {
    test(`is ${expected} of ${[first, ...others].join(', ')}`, () => {
      assert.equal(strictest(first, others), expected);
    });
  }

  test('is found among more actions than a call takes arguments', () => {
    const others = Array.from({ length: 500_000 }, (): ViolationAction => 'Warn');

    assert.equal(strictest('Audit', others), 'Warn');
  });

  test('knows the actions in the order that the product gives them', () => {
    assert.deepEqual(VIOLATION_ACTIONS, ['Deny', 'Strip', 'Warn', 'Audit']);
  });
});

for (const [index, action] of VIOLATION_ACTIONS.entries()) {
  test(`${action} is softer than those before it alone`, () => {
    assert.deepEqual(
      VIOLATION_ACTIONS.filter((than) => isSofter(action, than)),
      VIOLATION_ACTIONS.slice(0, index),
    );
  });
}
