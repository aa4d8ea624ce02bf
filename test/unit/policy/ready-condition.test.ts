import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assessReadyCondition } from '../../../src/policy/ready-condition.ts';
import type { ViolationAction } from '../../../src/policy/violation-action.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';

const { isProtectedRole } = policyOf([]);
const CONFLICT = { namespace: 'payments', other: 'b', role: 'one', otherRole: 'two' };
const OVERRULED = { namespace: 'payments', other: 'b', action: 'Strip' } as const;
const REST = { listNamePrefix: '', maxEntries: 1_000, namespaces: ['*'] };
const PROBLEM = { path: ['spec', 'roles', 0], expected: 'a role', found: '5' };

type Case = Readonly<{
  name: string;
  conflict: typeof CONFLICT | undefined;
  overruled?: typeof OVERRULED;
  violationAction?: ViolationAction;
  defaultRole?: string;
  expiresAt?: string;
  problems?: readonly (typeof PROBLEM)[];
  isOver?: boolean;
  share?: typeof REST;
  expected: readonly string[];
}>;

const cases: readonly Case[] = [
  {
    name: 'Accepted where nothing is wrong',
    conflict: undefined,
    expected: ['True', 'Accepted', 'in force'],
  },
  {
    name: 'Accepted, until when, where it expires later',
    conflict: undefined,
    expiresAt: '2026-11-25T10:00:01Z',
    expected: ['True', 'Accepted', 'in force until 2026-11-25T10:00:01Z'],
  },
  {
    name: 'Expired from its instant on, and Ready, since this end was intended',
    conflict: undefined,
    expiresAt: '2026-11-25T10:00:00Z',
    expected: [
      'True',
      'Expired',
      'allows nothing since 2026-11-25T10:00:00Z; its violationAction still applies',
    ],
  },
  {
    name: 'Accepted, with the namespace in which its action does not count',
    conflict: undefined,
    violationAction: 'Warn',
    overruled: OVERRULED,
    expected: [
      'True',
      'Accepted',
      'in force; violationAction Warn does not count in namespace payments: allowlist b sets Strip',
    ],
  },
  {
    name: 'Conflict, with the namespace in which its action does not count',
    conflict: CONFLICT,
    violationAction: 'Warn',
    overruled: OVERRULED,
    expected: [
      'True',
      'Conflict',
      'conflicts with allowlist b: both set a default for namespace payments (one, two); the first allowlist by name applies; violationAction Warn does not count in namespace payments: allowlist b sets Strip',
    ],
  },
  {
    name: 'Invalid rather than Expired',
    conflict: undefined,
    expiresAt: '2026-11-25T10:00:00Z',
    problems: [PROBLEM],
    expected: [
      'False',
      'Invalid',
      'allows nothing and denies in the namespaces it selects: spec.roles[0]: expected a role, found 5',
    ],
  },
  {
    name: 'Conflict where another list contradicts its default',
    conflict: CONFLICT,
    expected: [
      'True',
      'Conflict',
      'conflicts with allowlist b: both set a default for namespace payments (one, two); the first allowlist by name applies',
    ],
  },
  {
    name: 'Invalid where our schema does not accept it, whatever else',
    conflict: CONFLICT,
    problems: [PROBLEM],
    expected: [
      'False',
      'Invalid',
      'allows nothing and denies in the namespaces it selects: spec.roles[0]: expected a role, found 5',
    ],
  },
  {
    name: 'Invalid, told on a short and printable line whatever its fields are called',
    conflict: undefined,
    problems: [{ path: ['spec', `a\n${'b'.repeat(1_000)}`], expected: 'no such field', found: '"a"' }],
    expected: [
      'False',
      'Invalid',
      `allows nothing and denies in the namespaces it selects: spec["a\uFFFD${'b'.repeat(78)}"…]: expected no such field, found "a"`,
    ],
  },
  {
    name: 'OverBound where the allowlists before it take up the bound, whatever else',
    conflict: CONFLICT,
    problems: [PROBLEM],
    isOver: true,
    expected: [
      'False',
      'OverBound',
      'allows nothing and denies in the namespaces it selects: the allowlists have more than 1000 entries; delete allowlists or entries, or raise maxAllowlistEntries',
    ],
  },
  {
    name: 'OverBound where those of its delegation take up their bound',
    conflict: undefined,
    isOver: true,
    share: { ...REST, listNamePrefix: 'team-a-' },
    expected: [
      'False',
      'OverBound',
      'allows nothing and denies in the namespaces it selects: the allowlists named "team-a-*" have more than 1000 entries; delete allowlists or entries, or raise the delegation\'s maxEntries',
    ],
  },
  {
    name: 'Invalid where its default is protected',
    conflict: undefined,
    defaultRole: 'kubernetesworkerrole-1',
    expected: [
      'False',
      'Invalid',
      'spec.defaultRole: expected a role that is not protected, found "kubernetesworkerrole-1"; it is not injected, the rest of the allowlist applies',
    ],
  },
];

for (const { name, conflict, problems = [], isOver = false, share = REST, ...rest } of cases) {
  const { defaultRole = 'reader', expiresAt, overruled, violationAction = 'Deny', expected } = rest;
  test(`is ${name}`, () => {
    const allowlist = allowlistOf('a', {
      ...{ defaultRole, roles: ['*'], violationAction },
      ...(expiresAt !== undefined && { expiresAt, reason: 'incident' }),
    });
    const { status, reason, message } = assessReadyCondition(
      { allowlist, problems, isOver },
      isProtectedRole,
      conflict,
      overruled,
      share,
      Date.parse('2026-11-25T10:00:00Z'),
    );
    assert.deepEqual([status, reason, message], expected);
  });
}
