import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileAllowlist } from '../../src/policy/compiled-allowlist.ts';
import { surveyNamespaces } from '../../src/policy/survey-namespaces.ts';
import { allowlistOf, policyOf } from './policy-of.ts';

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
  const work = surveyNamespaces(policy, { before: undefined, after }, known, NOW);
  assert.equal(work.next().done, false);
  assert.equal(work.next(false).done, false);
  const { value } = work.next(true);
  assert.ok(value);
  assert.deepEqual(
    { ...value, softened: value.softened.length },
    {
      ...{ known, missing: new Set(['absent']), unmatched: new Set(), selectorMatchesNone: false },
      ...{ softened: 2, conflict: undefined, leftOut: 128 },
    },
  );
});
