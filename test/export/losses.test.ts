import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describeLosses } from '../../src/export/losses.ts';
import { allowlistOf } from '../builders/policy.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: [] } as const;

suite('describeLosses', () => {
  test('tells nothing where nothing is lost', () => {
    const lists = [
      allowlistOf('a', { injectInto: 'AllPods' }),
      allowlistOf('b', { serviceAccounts: ['api'] }),
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

  const TOO_LONG =
    'a role of more than 1024 characters is refused whatever the actions say, since to compare it with protected roles costs too much';
  for (const action of ['Warn', 'Audit'] as const) {
    test(`tells which roles are not judged by ${action}, be it a list's or the setting`, () => {
      const list = allowlistOf('a', { violationAction: action });
      assert.deepEqual(describeLosses([list], SETTINGS), [TOO_LONG]);
      const settings = { ...SETTINGS, unlistedNamespaces: action };
      assert.deepEqual(describeLosses([allowlistOf('b')], settings), [TOO_LONG]);
    });
  }

  test('tells where there is no list', () => {
    assert.deepEqual(describeLosses([], SETTINGS), [
      'there is no allowlist, so that every namespace is unlisted',
    ]);
  });

  test('tells of the setting too', () => {
    assert.deepEqual(describeLosses([allowlistOf('a')], { ...SETTINGS, unlistedNamespaces: 'Strip' }), [
      '--unlisted-namespaces Strip is written as Deny, since a policy removes no annotation',
    ]);
  });
});
