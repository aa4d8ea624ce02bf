import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findConflicts, findOverruledAction } from '../../../src/policy/conflicts.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { runToEnd } from '../../../src/sources/time-slice.ts';
import { allowlistOf, policyOf, subjectOf } from '../../builders/policy.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

const findAll = (...args: Parameters<typeof findConflicts>) => runToEnd(findConflicts(...args));

const NOW = Date.parse('2026-11-25T10:00:00Z');
const NAMESPACES = new Map([
  ['payments', new Map<string, string>()],
  ['payments-eu', new Map<string, string>()],
]);

function listOf(name: string, defaultRole: string, spec: Parameters<typeof allowlistOf>[1] = {}) {
  return allowlistOf(name, { defaultRole, roles: ['*'], ...spec });
}

const conflicting = [
  { name: 'equally specific lists', a: {}, b: {} },
  {
    name: 'globs of ServiceAccounts, which are taken to overlap',
    a: { serviceAccounts: ['api-*'] },
    b: { serviceAccounts: ['batch-*'] },
  },
  {
    name: 'a ServiceAccount that a glob covers',
    a: { serviceAccounts: ['api'] },
    b: { serviceAccounts: ['x', 'ap*'] },
  },
  {
    name: 'a glob that covers a ServiceAccount',
    a: { serviceAccounts: ['ap*'] },
    b: { serviceAccounts: ['api'] },
  },
];

for (const { name, a, b } of conflicting) {
  test(`finds a conflict for ${name}`, () => {
    const conflicts = findAll(policyOf([listOf('a', 'one', a), listOf('b', 'two', b)]), NAMESPACES, NOW);
    assert.deepEqual(
      [...conflicts],
      [
        ['a', { namespace: 'payments', other: 'b', role: 'one', otherRole: 'two' }],
        ['b', { namespace: 'payments', other: 'a', role: 'two', otherRole: 'one' }],
      ],
    );
  });
}

const beyondTwo = [
  {
    name: 'lists below one that covers some ServiceAccounts alone',
    lists: [
      listOf('a', 'zero', { serviceAccounts: ['api'] }),
      listOf('b', 'one', { namespaces: ['payments'] }),
      listOf('c', 'two', { namespaces: ['payments'] }),
    ],
    expected: ['b: one, c has two', 'c: two, b has one'],
  },
  {
    name: 'lists of one ServiceAccount beside one of another',
    lists: [
      listOf('a', 'one', { serviceAccounts: ['api'] }),
      listOf('b', 'zero', { serviceAccounts: ['web'] }),
      listOf('c', 'two', { serviceAccounts: ['api'] }),
    ],
    expected: ['a: one, c has two', 'c: two, a has one'],
  },
  {
    name: 'a third list, beside two that agree',
    lists: [listOf('a', 'one'), listOf('b', 'one'), listOf('c', 'two')],
    expected: ['a: one, c has two', 'c: two, a has one'],
  },
  {
    name: 'a glob that takes in an account of a list below',
    lists: [
      listOf('a', 'one', { serviceAccounts: ['x', 'ap*'] }),
      listOf('b', 'two', { serviceAccounts: ['api'] }),
    ],
    expected: ['a: one, b has two', 'b: two, a has one'],
  },
  {
    name: 'the second of two lists with patterns, which covers all',
    lists: [
      listOf('a', 'one', { serviceAccounts: ['a*'] }),
      listOf('b', 'one', { serviceAccounts: ['*'] }),
      listOf('c', 'two', { serviceAccounts: ['*'] }),
    ],
    expected: ['a: one, c has two', 'b: one, c has two', 'c: two, a has one'],
  },
];

for (const { name, lists, expected } of beyondTwo) {
  test(`finds the conflicts of ${name}`, () => {
    const conflicts = findAll(policyOf(lists), NAMESPACES, NOW);
    const told = [...conflicts].map(
      ([list, { role, other, otherRole }]) => `${list}: ${role}, ${other} has ${otherRole}`,
    );
    assert.deepEqual(told.sort(), expected);
  });
}

test('finds what contradicts the first of many', () => {
  const equals = Array.from({ length: 40 }, (_, index) => listOf(`a${index + 10}`, 'one'));
  const conflicts = findAll(policyOf([...equals, listOf('b', 'two')]), NAMESPACES, NOW);
  assert.deepEqual(
    [...conflicts].map(([name, { other }]) => [name, other]),
    [
      ['a10', 'b'],
      ['b', 'a10'],
    ],
  );
});

test('finds what contradicts a list of one ServiceAccount, behind any number of others', () => {
  const others = Array.from({ length: 500 }, (_, index) =>
    listOf(`a${index + 100}`, 'one', { serviceAccounts: [`web-${index}`] }),
  );
  const [x, z] = [
    listOf('x', 'one', { serviceAccounts: ['api'] }),
    listOf('z', 'two', { serviceAccounts: ['api'] }),
  ];
  assert.equal(findAll(policyOf([...others, x, z]), NAMESPACES, NOW).get('z')?.other, 'x');
});

test('says what pods see of each ServiceAccount that is named', () => {
  const account = fc.constantFrom('api', 'web', 'batch');
  const list = fc.record({
    defaultRole: fc.constantFrom('one', 'two'),
    namespaces: fc.constantFrom<string[]>(['payments'], ['pay*']),
    serviceAccounts: fc.option(fc.uniqueArray(account, { minLength: 1 }), { nil: undefined }),
    injectInto: fc.constant('AllPods' as const),
  });
  fc.assert(
    fc.property(fc.array(list, { maxLength: 5 }), (specs) => {
      const policy = policyOf(
        specs.map(({ defaultRole, ...spec }, index) => listOf(`l${index}`, defaultRole, spec)),
      );
      const told = new Set(findAll(policy, new Map([['payments', new Map()]]), NOW).keys());
      const seen = ['api', 'web', 'batch', 'none'].flatMap((serviceAccount) => {
        const evaluation = evaluate(policy, subjectOf({ serviceAccount }), NOW);
        const first = evaluation.verdict === 'no-role' ? evaluation.defaultRole : undefined;
        return first === undefined || first.conflictsWith.length === 0
          ? []
          : [first.allowlist, ...first.conflictsWith];
      });
      assert.deepEqual([...told].sort(), [...new Set(seen)].sort());
    }),
    propertyRuns(500),
  );
});

const peaceful = [
  { name: 'one list alone', lists: [listOf('a', 'one')] },
  { name: 'equal defaults', lists: [listOf('a', 'one'), listOf('b', 'one')] },
  {
    name: 'a more specific list',
    lists: [listOf('a', 'one'), listOf('b', 'two', { namespaces: ['payments*'] })],
  },
  {
    name: 'lists below one that covers every ServiceAccount, in so many words',
    lists: [listOf('a', 'zero', { serviceAccounts: ['x', '*'] }), listOf('b', 'one'), listOf('c', 'two')],
  },
  {
    name: 'lists whose one ServiceAccount a more specific one serves',
    lists: [
      listOf('a', 'zero', { namespaces: [...NAMESPACES.keys()], serviceAccounts: ['api'] }),
      listOf('b', 'one', { namespaces: ['payments*'], serviceAccounts: ['api'] }),
      listOf('c', 'two', { namespaces: ['payments*'], serviceAccounts: ['api'] }),
    ],
  },
  {
    name: 'a list with ServiceAccounts beside one without',
    lists: [listOf('a', 'one', { serviceAccounts: ['api'] }), listOf('b', 'two')],
  },
  {
    name: 'ServiceAccounts that do not meet',
    lists: [
      listOf('a', 'one', { serviceAccounts: ['api'] }),
      listOf('b', 'two', { serviceAccounts: ['web'] }),
    ],
  },
  {
    name: 'a list that has expired',
    lists: [listOf('a', 'one'), listOf('b', 'two', { expiresAt: '2026-11-25T10:00:00Z', reason: 'x' })],
  },
  { name: 'a list without a default', lists: [listOf('a', 'one'), allowlistOf('b')] },
];

for (const { name, lists } of peaceful) {
  test(`finds no conflict for ${name}`, () => {
    assert.deepEqual([...findAll(policyOf(lists), NAMESPACES, NOW)], []);
  });
}

test('tells of the first namespace by name where lists conflict in several', () => {
  const everywhere = { namespaces: ['payments*'] };
  const policy = policyOf([listOf('a', 'one', everywhere), listOf('b', 'two', everywhere)]);
  const namespaces = new Map([...NAMESPACES].reverse());
  assert.equal(findAll(policy, namespaces, NOW).get('a')?.namespace, 'payments');
});

test('finds the first namespace that an allowlist names, and in which another one is stricter', () => {
  const policy = policyOf([
    allowlistOf('base', { namespaces: ['payments', 'web-*'], violationAction: 'Strip' }),
    allowlistOf('labels', { namespaceSelector: { matchLabels: { tier: 'one' } } }),
    allowlistOf('soft', { namespaces: ['free', 'web-1', 'payments'], violationAction: 'Warn' }),
    allowlistOf('softer', { namespaces: ['payments-eu', 'free'], violationAction: 'Audit' }),
    allowlistOf('glob', { namespaces: ['pay*'], violationAction: 'Audit' }),
    allowlistOf('strict', { namespaces: ['free-2'] }),
    allowlistOf('alone', { namespaces: ['later'], violationAction: 'Audit' }),
  ]);
  const namespaces = new Map([['payments-eu', new Map([['tier', 'one']])]]);
  const find = (name: string) => runToEnd(findOverruledAction(policy, name, namespaces));
  assert.deepEqual(find('soft'), { namespace: 'web-1', other: 'base', action: 'Strip' });
  assert.deepEqual(find('softer'), { namespace: 'payments-eu', other: 'labels', action: 'Deny' });
  for (const name of ['base', 'glob', 'strict', 'alone', 'labels', 'unknown']) {
    assert.equal(find(name), undefined, name);
  }
});
