import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describeLosses } from '../../src/export/losses.ts';
import { allowlistOf } from '../policy/policy-of.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: [] } as const;

suite('describeLosses', () => {
  test('tells nothing where nothing is lost', () => {
    const lists = [
      allowlistOf('a', { injectInto: 'AllPods' }),
      allowlistOf('b', { violationAction: 'Warn' }),
    ];
    assert.deepEqual(describeLosses(lists, SETTINGS), []);
  });

  test('names the lists that lose something, sorted', () => {
    const lists = [
      allowlistOf('b', { defaultRole: 'reader', violationAction: 'Strip' }),
      allowlistOf('c'),
      allowlistOf('a', { defaultRole: 'reader' }),
    ];
    assert.deepEqual(describeLosses(lists, SETTINGS), [
      'defaultRole is left out, since a policy sets no annotation: a, b',
      'violationAction Strip is written as Deny, since a policy removes no annotation: b',
    ]);
  });

  test('tells of the setting too', () => {
    assert.deepEqual(describeLosses([], { ...SETTINGS, unlistedNamespaces: 'Strip' }), [
      '--unlisted-namespaces Strip is written as Deny, since a policy removes no annotation',
    ]);
  });
});
