import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { allowlistOf, policyOf, subjectOf } from '../../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');
const EXPIRED = { expiresAt: '2026-11-25T10:00:00Z', reason: 'incident' };
const LASTING = { expiresAt: '2026-11-25T10:00:01Z', reason: 'incident' };

suite('evaluate', () => {
  const everything = { namespaces: ['*'], roles: ['*'] };

  const allowed = [
    { name: 'a list allows it', lists: [allowlistOf('a')], by: ['a'], lastToExpire: undefined },
    {
      name: 'several lists allow it, the most specific first',
      lists: [allowlistOf('b', everything), allowlistOf('c'), allowlistOf('a', { roles: [] })],
      by: ['c', 'b'],
      lastToExpire: undefined,
    },
    { name: 'the list expires later', lists: [allowlistOf('a', LASTING)], by: ['a'], lastToExpire: 'a' },
    {
      name: 'one of the lists expires',
      lists: [allowlistOf('a', LASTING), allowlistOf('b')],
      by: ['a', 'b'],
      lastToExpire: undefined,
    },
    {
      name: 'all of the lists expire, the last of them counting',
      lists: [
        allowlistOf('a', LASTING),
        allowlistOf('b', { ...LASTING, expiresAt: '2027-01-01T00:00:00Z' }),
        allowlistOf('c', LASTING),
      ],
      by: ['a', 'b', 'c'],
      lastToExpire: 'b',
    },
    {
      name: 'one of the lists has expired',
      lists: [allowlistOf('a', EXPIRED), allowlistOf('b', LASTING)],
      by: ['b'],
      lastToExpire: 'b',
    },
  ];

  for (const { name, lists, by, lastToExpire } of allowed) {
    test(`allows a role where ${name}`, () => {
      const evaluation = evaluate(policyOf(lists), subjectOf({ requestedRole: 'reader' }), NOW);

      assert.equal(evaluation.verdict, 'allowed');
      assert.deepEqual(
        evaluation.allowlists.map(({ name }) => name),
        by,
      );
      assert.equal(evaluation.lastToExpire?.name, lastToExpire);
    });
  }

  const violations = [
    {
      name: 'is protected',
      lists: [allowlistOf('a', everything)],
      role: 'KubernetesWorkerRole-1',
      reason: 'protected',
      roles: ['*'],
      expired: [],
    },
    {
      name: 'is none',
      lists: [allowlistOf('a', everything)],
      role: 'no role',
      reason: 'invalid-name',
      roles: ['*'],
      expired: [],
    },
    {
      name: 'meets no list',
      lists: [allowlistOf('a', { namespaces: ['b'] })],
      role: 'reader',
      reason: 'no-allowlist',
      roles: [],
      expired: [],
    },
    {
      name: 'was allowed until now',
      lists: [allowlistOf('a', EXPIRED), allowlistOf('b', { roles: [] })],
      role: 'reader',
      reason: 'expired',
      roles: [],
      expired: ['a'],
    },
    {
      name: 'is allowed to others',
      lists: [allowlistOf('a', { serviceAccounts: ['api'] })],
      role: 'reader',
      reason: 'not-allowed',
      roles: [],
      expired: [],
    },
    {
      name: 'was allowed to others',
      lists: [allowlistOf('a', { serviceAccounts: ['api'], ...EXPIRED })],
      role: 'reader',
      reason: 'not-allowed',
      roles: [],
      expired: [],
    },
    {
      name: 'is on no list',
      lists: [allowlistOf('a')],
      role: 'writer',
      reason: 'not-allowed',
      roles: ['reader'],
      expired: [],
    },
  ];

  for (const { name, lists, role, reason, roles, expired } of violations) {
    test(`finds a violation, ${reason}, where the role ${name}`, () => {
      const evaluation = evaluate(policyOf(lists), subjectOf({ requestedRole: role }), NOW);

      assert.equal(evaluation.verdict, 'violation');
      assert.equal(evaluation.reason, reason);
      assert.equal(evaluation.action, 'Deny');
      assert.deepEqual(evaluation.roles, { roles, isComplete: true });
      assert.deepEqual(
        evaluation.expired.map(({ name }) => name),
        expired,
      );
    });
  }

  const actions = [
    {
      name: 'a protected role',
      role: 'KubernetesWorkerRole-1',
      lists: 'Audit',
      unlisted: 'Audit',
      action: 'Deny',
    },
    { name: 'an impossible role', role: 'no role', lists: 'Audit', unlisted: 'Warn', action: 'Warn' },
    { name: 'an impossible role', role: 'no role', lists: 'Strip', unlisted: 'Warn', action: 'Strip' },
    { name: 'an impossible role', role: 'no role', lists: undefined, unlisted: 'Warn', action: 'Warn' },
    { name: 'a role not allowed', role: 'writer', lists: 'Audit', unlisted: 'Deny', action: 'Audit' },
    { name: 'a role not allowed', role: 'writer', lists: 'Deny', unlisted: 'Audit', action: 'Deny' },
    { name: 'a role not allowed', role: 'writer', lists: undefined, unlisted: 'Strip', action: 'Strip' },
  ] as const;

  for (const { name, role, lists, unlisted, action } of actions) {
    test(`takes ${action} on ${name} where lists say ${lists} and unlisted namespaces ${unlisted}`, () => {
      const policy = policyOf(lists === undefined ? [] : [allowlistOf('a', { violationAction: lists })], {
        unlistedNamespaces: unlisted,
      });
      const evaluation = evaluate(policy, subjectOf({ requestedRole: role }), NOW);

      assert.equal(evaluation.verdict, 'violation');
      assert.equal(evaluation.action, action);
    });
  }

  test('finds the default that follows where, and only where, the action is Strip', () => {
    const defaultsUnder = (violationAction: 'Strip' | 'Warn') => {
      const policy = policyOf([allowlistOf('a', { violationAction, defaultRole: 'reader' })]);
      return evaluate(policy, subjectOf({ requestedRole: 'writer' }), NOW);
    };

    assert.deepEqual(Reflect.get(defaultsUnder('Strip'), 'defaultRole'), {
      role: 'reader',
      allowlist: 'a',
      conflictsWith: [],
    });
    assert.equal(Reflect.get(defaultsUnder('Warn'), 'defaultRole'), undefined);
  });

  test('finds no role named, and the default, where the pod names none', () => {
    assert.deepEqual(evaluate(policyOf([allowlistOf('a', { defaultRole: 'reader' })]), subjectOf(), NOW), {
      verdict: 'no-role',
      defaultRole: { role: 'reader', allowlist: 'a', conflictsWith: [] },
    });
  });

  test('allows to a ServiceAccount that may be any what it allows to one', () => {
    const policy = policyOf([allowlistOf('a', { serviceAccounts: ['api'] })]);
    const verdictOf = (requestedRole: string, serviceAccount: string | undefined) =>
      evaluate(policy, subjectOf({ requestedRole, serviceAccount }), NOW).verdict;

    assert.deepEqual(
      [verdictOf('reader', 'web'), verdictOf('reader', undefined), verdictOf('writer', undefined)],
      ['violation', 'allowed', 'violation'],
    );
  });

  test('selects no list where the request names no namespace', () => {
    const policy = policyOf([allowlistOf('a', everything), allowlistOf('b', { namespaceSelector: {} })]);
    const evaluation = evaluate(policy, subjectOf({ namespace: '', requestedRole: 'reader' }), NOW);

    assert.equal(Reflect.get(evaluation, 'reason'), 'no-allowlist');
  });

  test('selects by the labels of the namespace', () => {
    const policy = policyOf([allowlistOf('a', { namespaceSelector: { matchLabels: { team: 'pay' } } })]);
    const verdicts = [new Map([['team', 'pay']]), new Map([['team', 'web']]), new Map()].map(
      (namespaceLabels) =>
        evaluate(policy, subjectOf({ requestedRole: 'reader', namespaceLabels }), NOW).verdict,
    );

    assert.deepEqual(verdicts, ['allowed', 'violation', 'violation']);
  });

  test('answers where 150,000 lists select one namespace', () => {
    const { spec } = allowlistOf('any');
    const lists = Array.from({ length: 150_000 }, (_, index) => ({ name: `list-${index}`, spec }));
    const evaluation = evaluate(policyOf(lists), subjectOf({ requestedRole: 'writer' }), NOW);

    assert.equal(evaluation.verdict, 'violation');
    assert.equal(evaluation.selection.ranked.length, 150_000);
    assert.deepEqual(evaluation.roles, { roles: Array(256).fill('reader'), isComplete: false });
  });
});
