import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sizeOf } from '../../../src/policy/share.ts';
import { allowlistOf } from '../../builders/policy.ts';

const OBJECT = 16;

suite('the size of an allowlist', () => {
  const cases = [
    {
      name: 'counts its namespaces and roles',
      spec: { namespaces: ['a', 'b*'], roles: ['r', 's', 't*'] },
      entries: 5,
      deniedEntries: 2,
    },
    {
      name: 'counts its ServiceAccounts',
      spec: { serviceAccounts: ['a', 'b'] },
      entries: 4,
      deniedEntries: 1,
    },
    {
      name: 'counts a pattern that has to be compared nine times',
      spec: { namespaces: ['*a'], roles: ['a*b*', 'b**'] },
      entries: 27,
      deniedEntries: 9,
    },
    {
      name: 'counts a long text twice',
      spec: { serviceAccounts: ['s'.repeat(64), 's'.repeat(65)] },
      entries: 5,
      deniedEntries: 1,
    },
    {
      name: 'counts the terms of a selector',
      spec: {
        namespaceSelector: {
          matchLabels: { team: 'a' },
          matchExpressions: [
            { key: 'tier', operator: 'In' as const, values: ['x', 'y'] },
            { key: 'tier', operator: 'Exists' as const },
          ],
        },
        roles: [],
      },
      entries: 6,
      deniedEntries: 6,
    },
  ];
  for (const { name, spec, entries, deniedEntries } of cases) {
    test(name, () => {
      assert.deepEqual(sizeOf(allowlistOf('a', spec)), {
        entries: OBJECT + entries,
        deniedEntries: OBJECT + deniedEntries,
      });
    });
  }
});
