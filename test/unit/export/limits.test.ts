import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { checkLimits, listUnsupported } from '../../../src/export/limits.ts';
import { allowlistOf } from '../../builders/policy.ts';
import { expectProblem, expectValue } from '../../builders/result.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: [] } as const;

const texts = (count: number, length: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}-`.padEnd(length, 'x'));

suite('checkLimits', () => {
  const largest = (prefix: string) =>
    allowlistOf('largest', {
      namespaces: texts(256, 63, `${prefix}n`),
      roles: texts(256, 64, `${prefix}r`),
      serviceAccounts: texts(64, 253, `${prefix}s`),
    });
  const dear = (count: number) =>
    texts(count, 10, 'dear').map((name) =>
      allowlistOf(name, { serviceAccounts: ['*x', 'x*x', '*x*', 'x*', 'x', '*'] }),
    );
  const small = (count: number) => texts(count, 20, 'small').map((name) => allowlistOf(name));

  const accepted = [
    { name: 'an allowlist with as many names as the schema accepts', allowlists: [largest('')] },
    { name: 'an allowlist with as many patterns', allowlists: [largest('*')] },
    { name: '1,000 allowlists', allowlists: small(1_000) },
    { name: '600 patterns', allowlists: dear(200) },
    { name: '200 protected roles', protectedRoles: texts(200, 30, 'r*') },
  ];
  for (const { name, allowlists = [], protectedRoles = [] } of accepted) {
    test(`accepts ${name}`, () => {
      expectValue(checkLimits(allowlists, { ...SETTINGS, protectedRoles }, []));
    });
  }

  const selecting = allowlistOf('selecting', {
    namespaceSelector: {
      matchExpressions: texts(16, 300, 'k').map((key) => ({
        key,
        operator: 'NotIn',
        values: texts(64, 63, 'v'),
      })),
    },
    roles: texts(256, 64, 'r.x.'),
    serviceAccounts: texts(64, 253, 's'),
  });
  const rejected = [
    {
      name: '1,001 allowlists',
      allowlists: small(1_001),
      problem: /^expected up to 1000 allowlists, found 1001; merge allowlists or use the webhook$/,
    },
    {
      name: '601 patterns, those of protected roles included',
      allowlists: dear(200),
      protectedRoles: ['Admin-*', '*Admin'],
      problem:
        /^expected up to 600 patterns with a \* before their end, found 601, most of them in dear0-xxxx \(3\), dear1-xxxx \(3\), dear2-xxxx \(3\); use names, move the \* to the end or use the webhook$/,
    },
    {
      name: 'an allowlist that is too long for one expression',
      allowlists: [allowlistOf('a'), selecting],
      problem:
        /^allowlist selecting: expected up to 99000 characters of CEL, found 1\d{5}; split the allowlist$/,
    },
    {
      name: 'protected roles that cost more than one expression may',
      protectedRoles: texts(1_000, 60, 'r'),
      problem:
        /^--protected-roles: expected up to 38000 characters of CEL, found 6\d{4}; use fewer patterns$/,
    },
    {
      name: 'more than can be stored',
      allowlists: [allowlistOf('a'), allowlistOf('large', { roles: texts(9, 64, 'r') })],
      policies: [{}, { spec: 'x'.repeat(1_400_000) }],
      problem:
        /^expected a policy of up to 1400000 bytes, found 1400011, most of them for large \(\d+\), a \(\d+\); use globs/,
    },
  ];
  for (const { name, allowlists = [], protectedRoles = [], policies = [], problem } of rejected) {
    test(`rejects ${name}`, () => {
      assert.match(
        expectProblem(checkLimits(allowlists, { ...SETTINGS, protectedRoles }, policies)),
        problem,
      );
    });
  }
});

suite('listUnsupported', () => {
  test('lists nothing if the policies follow every field', () => {
    const lists = [
      allowlistOf('a', { injectInto: 'AllPods' }),
      allowlistOf('b', { serviceAccounts: ['api'] }),
    ];
    assert.deepEqual(listUnsupported(lists, SETTINGS), []);
  });

  test('names the allowlists, sorted', () => {
    const lists = [
      allowlistOf('b', { defaultRole: 'reader', violationAction: 'Strip' }),
      allowlistOf('c'),
      allowlistOf('a', { defaultRole: 'reader' }),
    ];
    assert.deepEqual(listUnsupported(lists, SETTINGS), [
      'defaultRole is not injected; export --format mutating-admission-policy too: a, b',
      'violationAction Strip becomes Deny, since a validating policy cannot remove an annotation: b',
    ]);
  });

  const TOO_LONG =
    'a role of more than 1024 characters is denied under Warn and Audit too, since a comparison with protected roles costs too much';
  for (const action of ['Warn', 'Audit'] as const) {
    test(`names the roles that are denied under ${action}, in an allowlist or as the setting`, () => {
      const list = allowlistOf('a', { violationAction: action });
      assert.deepEqual(listUnsupported([list], SETTINGS), [TOO_LONG]);
      const settings = { ...SETTINGS, unlistedNamespaces: action };
      assert.deepEqual(listUnsupported([allowlistOf('b')], settings), [TOO_LONG]);
    });
  }

  test('reports that there is no allowlist', () => {
    assert.deepEqual(listUnsupported([], SETTINGS), [
      'there is no allowlist: --unlisted-namespaces applies to all namespaces',
    ]);
  });

  test('reports the setting too', () => {
    assert.deepEqual(listUnsupported([allowlistOf('a')], { ...SETTINGS, unlistedNamespaces: 'Strip' }), [
      '--unlisted-namespaces Strip becomes Deny, since a policy cannot remove an annotation',
    ]);
  });
});
