import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  allowsRole,
  applies,
  compileAllowlist,
  coversServiceAccount,
  hasExpired,
  rankOf,
} from '../../../src/policy/allowlist.ts';
import { allowlistOf, subjectOf } from '../../builders/policy.ts';

const isProtectedRole = (role: string) => role.startsWith('admin');

suite('compileAllowlist', () => {
  test('leaves protected roles out of what it allows and injects', () => {
    const list = compileAllowlist(
      allowlistOf('a', { roles: ['admin-1', 'admin-*', 'reader', 'a*'], defaultRole: 'admin-1' }),
      isProtectedRole,
    );

    assert.deepEqual(list.roles, ['reader', 'a*']);
    assert.deepEqual(
      ['reader', 'abc', 'writer'].filter((role) => allowsRole(list, role)),
      ['reader', 'abc'],
    );
    assert.equal(list.defaultRole, undefined);
  });

  test('keeps a default that is not protected', () => {
    assert.equal(
      compileAllowlist(allowlistOf('a', { defaultRole: 'reader' }), isProtectedRole).defaultRole,
      'reader',
    );
  });

  const accounts = [
    { serviceAccounts: undefined, covered: ['default', 'api', 'batch-1', ''] },
    { serviceAccounts: ['api', 'batch-*'], covered: ['api', 'batch-1'] },
    { serviceAccounts: ['*'], covered: ['default', 'api', 'batch-1', ''] },
  ];

  for (const { serviceAccounts, covered } of accounts) {
    test(`covers ${covered.length} ServiceAccounts where it names ${serviceAccounts?.join(', ')}`, () => {
      const list = compileAllowlist(allowlistOf('a', { serviceAccounts }), isProtectedRole);

      assert.deepEqual(
        ['default', 'api', 'batch-1', ''].filter((account) => coversServiceAccount(list, account)),
        covered,
      );
      assert.equal(coversServiceAccount(list, undefined), true);
    });
  }
});

suite('what is longer than any name', () => {
  const long = 'a'.repeat(254);
  const rows = [
    { patterns: ['a*'], matches: false },
    { patterns: ['x', '*'], matches: true },
  ];
  for (const { patterns, matches } of rows) {
    test(`${matches ? 'matches' : 'does not match'} ${patterns.join(' or ')}`, () => {
      const list = compileAllowlist(
        allowlistOf('a', { namespaces: patterns, serviceAccounts: patterns }),
        isProtectedRole,
      );
      assert.equal(rankOf(list, long, undefined) !== undefined, matches);
      assert.equal(coversServiceAccount(list, long), matches);
    });
  }
});

suite('hasExpired and applies', () => {
  const expiresAt = '2026-11-25T10:00:00Z';
  const instant = Date.parse(expiresAt);
  const expiring = compileAllowlist(
    allowlistOf('a', { expiresAt, reason: 'x', serviceAccounts: ['api'] }),
    isProtectedRole,
  );
  const lasting = compileAllowlist(allowlistOf('b'), isProtectedRole);

  const cases = [
    { list: expiring, serviceAccount: 'api', now: instant - 1, expired: false, does: true },
    { list: expiring, serviceAccount: 'api', now: instant, expired: true, does: false },
    { list: expiring, serviceAccount: 'api', now: instant + 1, expired: true, does: false },
    { list: expiring, serviceAccount: 'web', now: instant - 1, expired: false, does: false },
    { list: lasting, serviceAccount: 'web', now: 8.64e15, expired: false, does: true },
  ];

  for (const { list, serviceAccount, now, expired, does } of cases) {
    test(`are ${expired} and ${does} for ${serviceAccount} at ${now - instant} ms after ${list.name} expires`, () => {
      assert.equal(hasExpired(list, now), expired);
      assert.equal(applies(list, subjectOf({ serviceAccount }), now), does);
    });
  }
});
