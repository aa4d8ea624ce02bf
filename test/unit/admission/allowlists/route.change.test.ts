import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowlistChange } from '../../../../src/admission/allowlists/route.ts';
import type { AdmissionRequest } from '../../../../src/admission/review.ts';
import { failure, success } from '../../../../src/text/problem.ts';
import { allowlistObject, allowlistRequest } from '../../../builders/allowlist-review.ts';
import { allowlistOf } from '../../../builders/policy.ts';

const AFTER = success(allowlistOf('list'));

const changed: readonly Readonly<{
  name: string;
  request: Partial<AdmissionRequest>;
  expected: ReturnType<typeof parseAllowlistChange>;
}>[] = [
  { name: 'a creation', request: {}, expected: { after: AFTER, actionBefore: undefined } },
  {
    name: 'no old object of a creation',
    request: { oldObject: allowlistObject({ roles: ['writer'] }) },
    expected: { after: AFTER, actionBefore: undefined },
  },
  {
    name: 'a change of the spec',
    request: { operation: 'UPDATE', oldObject: allowlistObject({ roles: ['writer'] }) },
    expected: { after: AFTER, actionBefore: 'Deny' },
  },
  {
    name: 'a change of the order of an array',
    request: {
      operation: 'UPDATE',
      object: allowlistObject({ namespaces: ['a', 'b'] }),
      oldObject: allowlistObject({ namespaces: ['b', 'a'] }),
    },
    expected: {
      after: success(allowlistOf('list', { namespaces: ['a', 'b'] })),
      actionBefore: 'Deny',
    },
  },
  {
    name: 'the action of an old object',
    request: { operation: 'UPDATE', oldObject: allowlistObject({ violationAction: 'Strip' }) },
    expected: { after: AFTER, actionBefore: 'Strip' },
  },
  {
    name: 'no action of an old object that only another schema accepted',
    request: { operation: 'UPDATE', oldObject: allowlistObject({ violationAction: 'Maybe' }) },
    expected: { after: AFTER, actionBefore: undefined },
  },
  {
    name: 'an object that the schema does not accept',
    request: { object: allowlistObject({ colour: 'red' }) },
    expected: {
      after: failure({
        problems: [{ path: ['spec', 'colour'], expected: 'no such field', found: '"colour"' }],
        more: 0,
      }),
      actionBefore: undefined,
    },
  },
  {
    name: 'an old object that is none',
    request: { operation: 'UPDATE' },
    expected: { after: AFTER, actionBefore: undefined },
  },
];

for (const { name, request, expected } of changed) {
  test(`reads ${name}`, () => {
    assert.deepEqual(parseAllowlistChange(allowlistRequest(request)), expected);
  });
}

const nested = () => JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
const ignored: readonly Readonly<{ name: string; request: Partial<AdmissionRequest> }>[] = [
  { name: 'a deletion', request: { operation: 'DELETE', object: null, oldObject: allowlistObject() } },
  { name: 'a subresource', request: { subresource: 'status' } },
  { name: 'another resource', request: { resource: { group: 'eci-ram-role.io', resource: 'others' } } },
  { name: 'another group', request: { resource: { group: '', resource: 'ramroleallowlists' } } },
  {
    name: 'an update that leaves the spec alone, whatever the order of its fields',
    request: {
      operation: 'UPDATE',
      object: { spec: { a: [1, { b: 2 }], c: null } },
      oldObject: { spec: { c: null, a: [1, { b: 2 }] }, metadata: { labels: {} } },
    },
  },
  {
    name: 'an update that leaves a spec of any depth alone',
    request: { operation: 'UPDATE', object: { spec: nested() }, oldObject: { spec: nested() } },
  },
  {
    name: 'an update of what is being deleted',
    request: {
      operation: 'UPDATE',
      object: allowlistObject({ roles: [] }, { deletionTimestamp: '2026-11-25T10:00:00Z' }),
      oldObject: allowlistObject(),
    },
  },
];

for (const { name, request } of ignored) {
  test(`does not read ${name}`, () => {
    assert.equal(parseAllowlistChange(allowlistRequest(request)), undefined);
  });
}
