import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowlistChange } from '../../../src/admission/allowlists/parse-allowlist-change.ts';
import type { AdmissionRequest } from '../../../src/admission/review.ts';
import { allowlistObject, allowlistRequest } from '../../builders/allowlist-review.ts';

const SPEC = { roles: ['reader'], injectInto: 'EciPods', violationAction: 'Deny' };
const LIST = { name: 'list', spec: { namespaces: ['payments'], ...SPEC } };

const changed: readonly Readonly<{
  name: string;
  request: Partial<AdmissionRequest>;
  expected: ReturnType<typeof parseAllowlistChange> | object;
}>[] = [
  { name: 'a creation', request: {}, expected: { before: undefined, after: LIST, problems: [], more: 0 } },
  {
    name: 'a change of the spec',
    request: { operation: 'UPDATE', oldObject: allowlistObject({ roles: ['writer'] }) },
    expected: {
      before: { ...LIST, spec: { ...LIST.spec, roles: ['writer'] } },
      after: LIST,
      problems: [],
      more: 0,
    },
  },
  {
    name: 'a change of the order of a list, which is one of its paths',
    request: {
      operation: 'UPDATE',
      object: allowlistObject({ namespaces: ['a', 'b'] }),
      oldObject: allowlistObject({ namespaces: ['b', 'a'] }),
    },
    expected: {
      before: { name: 'list', spec: { namespaces: ['b', 'a'], ...SPEC } },
      after: { name: 'list', spec: { namespaces: ['a', 'b'], ...SPEC } },
      problems: [],
      more: 0,
    },
  },
  {
    name: 'an old object that only an older schema accepted, which denied',
    request: { operation: 'UPDATE', oldObject: allowlistObject({ violationAction: 'Maybe', roles: ['x'] }) },
    expected: { before: { ...LIST, spec: { ...LIST.spec, roles: [] } }, after: LIST, problems: [], more: 0 },
  },
  {
    name: 'an object that our schema does not accept',
    request: { object: allowlistObject({ colour: 'red' }) },
    expected: {
      before: undefined,
      after: { ...LIST, spec: { ...LIST.spec, roles: [] } },
      problems: [{ path: ['spec', 'colour'], expected: 'no such field', found: '"colour"' }],
      more: 0,
    },
  },
  {
    name: 'an old object that is none',
    request: { operation: 'UPDATE' },
    expected: {
      before: { name: 'list', spec: { ...SPEC, roles: [] } },
      after: LIST,
      problems: [],
      more: 0,
    },
  },
];

for (const { name, request, expected } of changed) {
  test(`reads ${name}`, () => {
    assert.deepEqual(parseAllowlistChange(allowlistRequest(request)), expected);
  });
}

test('takes the name of the request where the object has none', () => {
  const object = allowlistObject({}, { name: undefined, generateName: 'team-' });
  assert.equal(parseAllowlistChange(allowlistRequest({ object, name: 'team-x' }))?.after.name, 'team-x');
});

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
