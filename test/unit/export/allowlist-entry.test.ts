import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildAllowlistEntry, toPolicyAction } from '../../../src/export/allowlist-entry.ts';
import { allowlistOf } from '../../builders/policy.ts';

suite('buildAllowlistEntry', () => {
  const inPayments = "request.namespace in ['payments'] ?";
  const cases = [
    {
      name: 'names alone',
      spec: {},
      entry: `${inPayments} [!(variables.roleName in ['reader']) ? 'not-allowed' : 'allowed', 'Deny', 'a', ''] : []`,
    },
    {
      name: 'no roles, which allow nothing',
      spec: { roles: [] },
      entry: `${inPayments} [!(false) ? 'not-allowed' : 'allowed', 'Deny', 'a', ''] : []`,
    },
    {
      name: 'ServiceAccounts',
      spec: { serviceAccounts: ['api', 'batch-*'] },
      entry: `${inPayments} [!((variables.account in ['api'] || variables.account.startsWith('batch-')) && variables.roleName in ['reader']) ? 'not-allowed' : 'allowed', 'Deny', 'a', ''] : []`,
    },
    {
      name: 'an expiry',
      spec: { expiresAt: '2026-12-01T18:00:00Z', reason: 'incident', violationAction: 'Warn' as const },
      entry: `${inPayments} [!(variables.roleName in ['reader']) ? 'not-allowed' : timestamp(object.metadata.creationTimestamp) < timestamp('2026-12-01T18:00:00Z') ? 'allowed' : 'expired', 'Warn', 'a', '', '2026-12-01T18:00:00Z'] : []`,
    },
    {
      name: 'an expiry before all that CEL knows',
      spec: { expiresAt: '0000-02-29T00:00:00Z', reason: 'incident' },
      entry: `${inPayments} [!(variables.roleName in ['reader']) ? 'not-allowed' : timestamp(object.metadata.creationTimestamp) < timestamp('0001-01-01T00:00:00Z') ? 'allowed' : 'expired', 'Deny', 'a', '', '0000-02-29T00:00:00Z'] : []`,
    },
    {
      name: 'labels',
      spec: { namespaceSelector: { matchLabels: { team: 'a' } } },
      entry: `(('team' in variables.labels && variables.labels['team'] in ['a'])) ? [!(variables.roleName in ['reader']) ? 'not-allowed' : 'allowed', 'Deny', 'a', ''] : []`,
    },
    {
      name: 'Strip, as Deny, and a contact that would break out',
      spec: { violationAction: 'Strip' as const, contact: "'] : [] //\n\u202e" },
      entry: `${inPayments} [!(variables.roleName in ['reader']) ? 'not-allowed' : 'allowed', 'Deny', 'a', '\\'] : [] //\ufffd\ufffd'] : []`,
    },
  ];

  for (const { name, spec, entry } of cases) {
    test(`says ${name}`, () => {
      assert.equal(buildAllowlistEntry(allowlistOf('a', spec)), entry);
    });
  }
});

test('toPolicyAction makes Deny of Strip', () => {
  assert.deepEqual((['Deny', 'Strip', 'Warn', 'Audit'] as const).map(toPolicyAction), [
    'Deny',
    'Deny',
    'Warn',
    'Audit',
  ]);
});
