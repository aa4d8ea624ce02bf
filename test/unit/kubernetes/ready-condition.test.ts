import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readStoredCondition } from '../../../src/kubernetes/ready-condition.ts';

const READY = {
  status: 'True',
  reason: 'Accepted',
  message: 'in force',
  observedGeneration: 1,
  lastTransitionTime: '2026-11-25T10:00:00Z',
};

suite('the condition Ready of an object', () => {
  const cases = [
    {
      name: 'is found among others, whatever else it holds',
      conditions: [null, { type: 'Seen' }, { type: 'Ready', ...READY, extra: 1 }],
      condition: READY,
    },
    {
      name: 'is read without the generation that it was written for',
      conditions: [{ type: 'Ready', ...READY, observedGeneration: null }],
      condition: { ...READY, observedGeneration: undefined },
    },
    { name: 'is none where there is no other either', conditions: [], condition: undefined },
    { name: 'is none where conditions are no list', conditions: { type: 'Ready' }, condition: undefined },
    ...(['status', 'reason', 'message', 'lastTransitionTime'] as const).map((field) => ({
      name: `is none where its ${field} is no text`,
      conditions: [{ type: 'Ready', ...READY, [field]: 1 }],
      condition: undefined,
    })),
  ];
  for (const { name, conditions, condition } of cases) {
    test(name, () => assert.deepEqual(readStoredCondition({ status: { conditions } }), condition));
  }

  test('is none where the object has no status', () => assert.equal(readStoredCondition({}), undefined));
});
