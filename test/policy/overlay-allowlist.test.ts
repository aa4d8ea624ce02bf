import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { overlayAllowlist } from '../../src/admission/allowlists/overlay-allowlist.ts';
import { compileAllowlist } from '../../src/policy/allowlist.ts';
import { compilePolicy } from '../../src/policy/policy.ts';
import { allowlistNamed, allowlists, settings } from '../builders/arbitraries.ts';
import { propertyRuns } from '../builders/property-runs.ts';

const NAMES = ['a', 'b', 'f'];

test('an overlay selects as the policy compiled from the lists it stands for', () => {
  fc.assert(
    fc.property(
      allowlists,
      fc.constantFrom(...NAMES).chain((name) => fc.tuple(fc.constant(name), fc.option(allowlistNamed(name)))),
      settings,
      fc.constantFrom('a', 'ab', 'b', 'c', ''),
      fc.constantFrom(undefined, new Map<string, string>(), new Map([['team', 'a']])),
      (lists, [name, given], settings, namespace, labels) => {
        const policy = compilePolicy(lists, settings);
        const overlay = overlayAllowlist(
          policy,
          name,
          given === null ? undefined : compileAllowlist(given, policy.isProtectedRole),
        );
        const others = lists.filter((list) => list.name !== name);
        const expected = compilePolicy(given === null ? others : [...others, given], settings);
        const summarize = ({ ranked, action }: ReturnType<typeof policy.select>) => ({
          action,
          ranked: ranked.map(({ allowlist, rank }) => [allowlist.name, allowlist.spec, rank]),
        });
        assert.deepEqual(
          summarize(overlay.select(namespace, labels)),
          summarize(expected.select(namespace, labels)),
        );
      },
    ),
    propertyRuns(300),
  );
});
