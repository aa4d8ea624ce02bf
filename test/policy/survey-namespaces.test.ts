import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surveyNamespaces } from '../../src/admission/allowlists/survey-namespaces.ts';
import { compileAllowlist } from '../../src/policy/allowlist.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

test('leaves out what there is no time for, and calls nothing unmatched then', () => {
  const policy = policyOf([]);
  const known = new Map(
    Array.from({ length: 130 }, (_, index) => [`team-${index}`, new Map<string, string>()]),
  );
  const spec = { namespaces: ['x-*', 'absent', 'team-*'], violationAction: 'Warn' } as const;
  const after = compileAllowlist(
    allowlistOf('list', { ...spec, namespaces: [...spec.namespaces] }),
    policy.isProtectedRole,
  );
  const work = surveyNamespaces(
    policy,
    { before: undefined, after },
    { known, excluded: [], unmutated: [] },
    NOW,
  );
  assert.equal(work.next().done, false);
  assert.equal(work.next(false).done, false);
  const { value } = work.next(true);
  assert.ok(value);
  assert.deepEqual(
    { ...value, softened: value.softened.length },
    {
      ...{
        known,
        missing: new Set(['absent']),
        missingByLabel: new Set(),
        unmatched: new Set(),
        selectorMatchesNone: false,
      },
      ...{ softened: 2, conflict: undefined, leftOut: 129 },
    },
  );
});

test('leaves patterns out that there is no time for, having said that they match nothing', () => {
  const policy = policyOf([]);
  const after = compileAllowlist(
    allowlistOf('list', { namespaces: ['x-*', 'y-*', 'z-*'], violationAction: 'Warn' }),
    policy.isProtectedRole,
  );
  const namespaces = { known: new Map(), excluded: [], unmutated: [] };
  const work = surveyNamespaces(policy, { before: undefined, after }, namespaces, NOW);
  assert.equal(work.next().done, false);
  const { value } = work.next(true);
  assert.ok(value);
  assert.deepEqual(value.unmatched, new Set(['x-*', 'y-*', 'z-*']));
  assert.deepEqual([value.softened.map(({ namespace }) => namespace), value.leftOut], [['x-*'], 2]);
});
