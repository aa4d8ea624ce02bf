import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripNulls } from '../../../../src/policy/schema/normalize.ts';

test('takes out the nulls that the API server drops, and keeps those that it would not', () => {
  const spec = {
    roles: null,
    contact: null,
    serviceAccounts: null,
    expiresAt: null,
    reason: null,
    colour: null,
  };
  assert.deepEqual(stripNulls({ kind: 'x', spec }), {
    kind: 'x',
    spec: { roles: null, serviceAccounts: null, expiresAt: null, colour: null },
  });
});

test('keeps a key __proto__, which is a mistake to be told', () => {
  const spec = JSON.parse('{"__proto__": 1, "contact": null}');
  const kept = stripNulls({ spec });
  assert.equal(JSON.stringify(kept), '{"spec":{"__proto__":1}}');
});

for (const root of [null, 'text', [], {}, { spec: null }, { spec: [null] }, { spec: { roles: [] } }]) {
  test(`leaves ${JSON.stringify(root)} as it is`, () => {
    assert.equal(stripNulls(root), root);
  });
}
