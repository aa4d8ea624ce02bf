import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findSoftenedNamespaces } from '../../../../src/admission/allowlists/softer-action.ts';
import { compilePolicy } from '../../../../src/policy/policy.ts';
import { isSofter } from '../../../../src/policy/violation-action.ts';
import { allowlistNamed, allowlists, settings } from '../../../builders/arbitraries.ts';
import { propertyRuns } from '../../../builders/property-runs.ts';

const NAMES = ['a', 'b', 'f'];

test('a namespace is softened exactly if the policies compiled before and after say so', () => {
  fc.assert(
    fc.property(
      allowlists,
      fc.constantFrom(...NAMES).chain(allowlistNamed),
      settings,
      fc.constantFrom('a', 'ab', 'b', 'c'),
      fc.constantFrom(undefined, new Map<string, string>(), new Map([['team', 'a']])),
      (lists, list, settings, namespace, labels) => {
        const before = compilePolicy(lists, settings);
        const after = compilePolicy([...lists.filter(({ name }) => name !== list.name), list], settings);
        const known = labels ?? new Map([['kubernetes.io/metadata.name', namespace]]);
        const from = before.select(namespace, known).action ?? settings.unlistedNamespaces;
        const to = after.select(namespace, known).action ?? settings.unlistedNamespaces;

        const found = findSoftenedNamespaces(list, [namespace], {
          policy: before,
          namespaces: labels && new Map([[namespace, labels]]),
          excludedNamespaces: [],
        });
        const isSelected = after
          .select(namespace, known)
          .ranked.some(({ allowlist }) => allowlist.name === list.name);
        assert.deepEqual(
          found.filter((softened) => softened.namespace === namespace),
          isSofter(to, from) ? [{ namespace, from, to, isSelected }] : [],
        );
      },
    ),
    propertyRuns(300),
  );
});
