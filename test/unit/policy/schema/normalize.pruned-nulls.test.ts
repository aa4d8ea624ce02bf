import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseAllowlist } from '../../../../src/policy/schema/parse.ts';
import { deepFreeze } from '../../../builders/deep-freeze.ts';
import { expectProblem } from '../../../builders/result.ts';

const SPEC = { namespaces: ['web'], roles: ['reader'] };
const EXPIRES_AT = '2026-12-01T18:00:00Z';

function applied(lastApplied: unknown, spec: object = SPEC): unknown {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied };
  return deepFreeze({
    ...{ apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist' },
    ...{ metadata: { name: 'web', annotations }, spec },
  });
}

const given = (spec: unknown) => JSON.stringify({ spec });

suite('nulls that kubectl apply dropped', () => {
  const bad = [
    { fields: ['serviceAccounts'], object: applied(given({ ...SPEC, serviceAccounts: null })) },
    { fields: ['expiresAt'], object: applied(given({ ...SPEC, expiresAt: null })) },
    {
      fields: ['serviceAccounts', 'expiresAt'],
      object: applied(given({ ...SPEC, serviceAccounts: null, expiresAt: null })),
    },
  ];
  for (const { fields, object } of bad) {
    test(`are a problem in ${fields.join(' and ')}`, () => {
      assert.deepEqual(
        expectProblem(parseAllowlist(object)).problems,
        fields.map((field) => ({
          path: ['spec', field],
          expected: 'a value or no such field',
          found: 'null, which kubectl apply left out',
        })),
      );
    });
  }

  const good = [
    { name: 'there was none', object: applied(given(SPEC)) },
    { name: 'the field has a value', object: applied(given({ ...SPEC, serviceAccounts: ['api'] })) },
    {
      name: 'the field has been given a value since',
      object: applied(given({ serviceAccounts: null }), { ...SPEC, serviceAccounts: ['api'] }),
    },
    {
      name: 'every such field has been given a value since',
      object: applied(given({ serviceAccounts: null, expiresAt: null }), {
        ...{ ...SPEC, serviceAccounts: ['api'], expiresAt: EXPIRES_AT, reason: 'incident' },
      }),
    },
    { name: 'the null narrows nothing', object: applied(given({ ...SPEC, contact: null })) },
    { name: 'the annotation is no JSON', object: applied('{') },
    { name: 'the annotation is no object', object: applied('null') },
    { name: 'the annotation has no spec', object: applied('{}') },
    { name: 'the annotation is no text', object: applied({ spec: { serviceAccounts: null } }) },
  ];
  for (const { name, object } of good) {
    test(`are none where ${name}`, () => {
      assert.ok(parseAllowlist(object).ok);
    });
  }
});
