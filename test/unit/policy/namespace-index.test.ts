import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { areEquallySpecific } from '../../../src/policy/selection.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';

const NO_LABELS = new Map<string, string>();

function indexOf(...allowlists: readonly ReturnType<typeof allowlistOf>[]) {
  return policyOf(allowlists).select;
}

suite('the index of namespaces', () => {
  const select = indexOf(
    allowlistOf('selected', {
      namespaceSelector: { matchLabels: { team: 'pay' } },
      violationAction: 'Audit',
    }),
    allowlistOf('glob', { namespaces: ['pay*', 'search', 'search'], violationAction: 'Warn' }),
    allowlistOf('narrow-glob', { namespaces: ['pay*'], serviceAccounts: ['a'], violationAction: 'Strip' }),
    allowlistOf('exact', { namespaces: ['payments', 'p*'] }),
    allowlistOf('another-exact', { namespaces: ['payments'] }),
    allowlistOf('narrow-exact', { namespaces: ['payments'], serviceAccounts: ['a'] }),
  );
  const labels = new Map([['team', 'pay']]);

  const cases = [
    {
      namespace: 'payments',
      labels,
      names: ['narrow-exact', 'another-exact', 'exact', 'narrow-glob', 'glob', 'selected'],
      action: 'Deny',
    },
    { namespace: 'payouts', labels, names: ['narrow-glob', 'exact', 'glob', 'selected'], action: 'Deny' },
    { namespace: 'search', labels: NO_LABELS, names: ['glob'], action: 'Warn' },
    { namespace: 'other', labels, names: ['selected'], action: 'Audit' },
    { namespace: 'other', labels: NO_LABELS, names: [], action: undefined },
    { namespace: 'PAYMENTS', labels: NO_LABELS, names: [], action: undefined },
    { namespace: '__proto__', labels: NO_LABELS, names: [], action: undefined },
  ];

  for (const { namespace, labels, names, action } of cases) {
    test(`selects ${names.length} lists for ${namespace} with ${labels.size} labels, the most specific first`, () => {
      const selection = select(namespace, labels);

      assert.deepEqual(
        selection.ranked.map(({ allowlist }) => allowlist.name),
        names,
      );
      assert.equal(selection.action, action);
    });
  }

  test('remembers what it found for a namespace until its labels change', () => {
    const first = select('payments', labels);

    assert.equal(select('payments', labels), first);
    assert.notEqual(select('payments', new Map()), first);
    assert.deepEqual(select('payments', labels).ranked, first.ranked);
  });

  test('remembers the namespaces of late and forgets the oldest', () => {
    const first = select('namespace-0', NO_LABELS);
    for (let index = 1; index < 4096; index++) {
      select(`namespace-${index}`, NO_LABELS);
    }
    assert.equal(select('namespace-0', NO_LABELS), first);

    const last = select('one-more', NO_LABELS);
    assert.notEqual(select('namespace-0', NO_LABELS), first);
    assert.equal(select('one-more', NO_LABELS), last);
  });

  test('does not remember what is too long to be a namespace', () => {
    const longest = 'n'.repeat(63);

    assert.equal(select(longest, NO_LABELS), select(longest, NO_LABELS));
    assert.notEqual(select(`${longest}n`, NO_LABELS), select(`${longest}n`, NO_LABELS));
  });
});

suite('areEquallySpecific', () => {
  const { ranked } = indexOf(
    allowlistOf('a'),
    allowlistOf('b', { roles: [] }),
    allowlistOf('c', { serviceAccounts: ['a'] }),
    allowlistOf('d', { namespaces: ['*'] }),
  )('payments', NO_LABELS);

  const cases = [
    { pair: ['a', 'b'], are: true },
    { pair: ['a', 'c'], are: false },
    { pair: ['a', 'd'], are: false },
    { pair: ['c', 'd'], are: false },
  ];

  for (const { pair, are } of cases) {
    test(`is ${are} for ${pair.join(' and ')}`, () => {
      const [a, b] = ranked.filter(({ allowlist }) => pair.includes(allowlist.name));

      assert.ok(a && b);
      assert.equal(areEquallySpecific(a, b), are);
      assert.equal(areEquallySpecific(b, a), are);
    });
  }
});
