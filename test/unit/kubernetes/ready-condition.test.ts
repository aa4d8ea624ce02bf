import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  isStale,
  readStoredCondition,
  type StatusEntry,
  toApplyPatch,
} from '../../../src/kubernetes/ready-condition.ts';

const READY = {
  status: 'True',
  reason: 'Accepted',
  message: 'in force',
  observedGeneration: 1,
  lastTransitionTime: '2026-11-25T10:00:00Z',
};

const STORED = { ...READY, statusGeneration: undefined, isStalled: false };

suite('the condition Ready of an object', () => {
  const cases = [
    {
      name: 'is found among others, whatever else it holds',
      conditions: [null, { type: 'Seen' }, { type: 'Ready', ...READY, extra: 1 }],
      condition: STORED,
    },
    {
      name: 'is read without the generation that it was written for',
      conditions: [{ type: 'Ready', ...READY, observedGeneration: null }],
      condition: { ...STORED, observedGeneration: undefined },
    },
    {
      name: 'is read with the condition Stalled beside it',
      conditions: [
        { type: 'Ready', ...READY },
        { type: 'Stalled', status: 'True' },
      ],
      condition: { ...STORED, isStalled: true },
    },
    {
      name: 'is read without a condition Stalled that is false',
      conditions: [
        { type: 'Stalled', status: 'False' },
        { type: 'Ready', ...READY },
      ],
      condition: STORED,
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

  test('is read with the generation of the whole status', () => {
    const status = { observedGeneration: 3, conditions: [{ type: 'Ready', ...READY }] };
    assert.deepEqual(readStoredCondition({ status }), { ...STORED, statusGeneration: 3 });
  });
});

const ACCEPTED = { status: 'True', reason: 'Accepted', message: 'in force' } as const;
const INVALID = { status: 'False', reason: 'Invalid', message: 'spec.roles: expected a role' } as const;
const CURRENT = { ...STORED, statusGeneration: 1 };

function entry(change: Partial<StatusEntry>): StatusEntry {
  return { name: 'a', uid: 'a', generation: 1, readiness: ACCEPTED, condition: CURRENT, ...change };
}

suite('a status is stale', () => {
  const cases = [
    { name: 'not where it is right', change: {}, stale: false },
    { name: 'where there is none', change: { condition: undefined }, stale: true },
    { name: 'where its condition is of another generation', change: { generation: 2 }, stale: true },
    { name: 'where it is of another generation', change: { condition: STORED }, stale: true },
    {
      name: 'where it is stalled without a reason',
      change: { condition: { ...CURRENT, isStalled: true } },
      stale: true,
    },
    {
      name: 'where it is not stalled, though it should be',
      change: { readiness: INVALID, condition: { ...CURRENT, ...INVALID } },
      stale: true,
    },
    {
      name: 'not where it is stalled and should be',
      change: { readiness: INVALID, condition: { ...CURRENT, ...INVALID, isStalled: true } },
      stale: false,
    },
  ];
  for (const { name, change, stale } of cases) {
    test(name, () => assert.equal(isStale(entry(change)), stale));
  }
});

suite('the status that is applied', () => {
  const ready = { observedGeneration: 1, lastTransitionTime: READY.lastTransitionTime };

  test('has the generation that it is for, at its top too', () => {
    assert.deepEqual(toApplyPatch(entry({})), {
      apiVersion: 'eci-ram-role.io/v1alpha1',
      kind: 'RamRoleAllowlist',
      metadata: { name: 'a' },
      status: { observedGeneration: 1, conditions: [{ type: 'Ready', ...ACCEPTED, ...ready }] },
    });
  });

  test('is stalled with the reason, where the allowlist is not Ready', () => {
    const condition = { ...CURRENT, status: 'False' };
    assert.deepEqual(Object(toApplyPatch(entry({ readiness: INVALID, condition }))).status, {
      observedGeneration: 1,
      conditions: [
        { type: 'Ready', ...INVALID, ...ready },
        { type: 'Stalled', ...INVALID, status: 'True', ...ready },
      ],
    });
  });
});
