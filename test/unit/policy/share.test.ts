import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Delegation, divideShares, isWithinShare, shareDenial } from '../../../src/policy/share.ts';
import { allowlistOf } from '../../builders/policy.ts';

const delegation = (listNamePrefix: string, maxEntries?: number, ...namespaces: string[]): Delegation => ({
  ...{ listNamePrefix, maxEntries, namespaces },
});
const SHARE = { listNamePrefix: 'a-', maxEntries: 100, namespaces: ['a', 'a-*'] };

suite('divideShares', () => {
  const partsOf = (delegations: readonly Delegation[]) => {
    const { delegated, rest } = divideShares({ maxEntries: 1_000, delegations });
    return [...delegated, rest].map(({ listNamePrefix, maxEntries }) => `${listNamePrefix}: ${maxEntries}`);
  };
  const many = Array.from({ length: 19 }, (_, index) => delegation(`team-${index + 10}-`));

  const cases = [
    { name: 'all to the allowlists of no delegation', delegations: [], parts: [': 1000'] },
    {
      name: 'a tenth to each delegation',
      delegations: [delegation('a-'), delegation('bb-')],
      parts: ['bb-: 100', 'a-: 100', ': 800'],
    },
    {
      name: 'less to each of many',
      delegations: many,
      parts: [...many.map(({ listNamePrefix }) => `${listNamePrefix}: 50`), ': 50'],
    },
    {
      name: 'to a prefix once, the most that one of its delegations says',
      delegations: [delegation('a-', 30), delegation('a-', 20), delegation('b-', 5)],
      parts: ['a-: 30', 'b-: 5', ': 965'],
    },
  ];
  for (const { name, delegations, parts } of cases) {
    test(`gives ${name}`, () => assert.deepEqual(partsOf(delegations), parts));
  }

  test('gives a share the namespaces of every delegation that its names belong to', () => {
    const { delegated } = divideShares({
      maxEntries: 1_000,
      delegations: [delegation('a-', 1, 'x'), delegation('a-b-', 1, 'y'), delegation('c-', 1, 'z')],
    });
    assert.deepEqual(
      delegated.map(({ namespaces }) => namespaces.join()),
      ['x,y', 'x', 'z'],
    );
  });
});

suite('the denial of a share', () => {
  test('denies in the namespaces of the delegation, or everywhere', () => {
    const { name, spec } = shareDenial(SHARE, false);
    assert.deepEqual(
      [name, spec.namespaces, spec.roles, spec.violationAction],
      ['a-*', ['a', 'a-*'], [], 'Deny'],
    );
    assert.deepEqual(shareDenial(SHARE, true).spec.namespaces, ['*']);
  });

  const cases = [
    { spec: { namespaces: ['a', 'a-*', 'a-x*y'] }, isWithin: true },
    { spec: { namespaces: ['a', 'b'] }, isWithin: false },
    { spec: { namespaces: ['a*'] }, isWithin: false },
    { spec: { namespaceSelector: {} }, isWithin: false },
    { spec: { namespaces: undefined }, isWithin: true },
  ];
  for (const { spec, isWithin } of cases) {
    test(`is ${isWithin ? 'enough' : 'not enough'} for ${JSON.stringify(spec)}`, () => {
      assert.equal(isWithinShare(SHARE, allowlistOf('a-1', spec)), isWithin);
    });
  }
});
