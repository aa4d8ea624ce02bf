import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createAllowlistsRoute } from '../../../../src/admission/allowlists/route.ts';
import type { Allowlist } from '../../../../src/policy/schema/allowlist.ts';
import { decideAllowlistRequest } from '../../../builders/allowlist.ts';
import { allowlistObject, allowlistRequest } from '../../../builders/allowlist-review.ts';
import { policyOf } from '../../../builders/policy.ts';

const DELEGATED = { listNamePrefix: 'team-a-', maxEntries: 100, entries: 117 };

suite('an allowlist that exceeds a bound', () => {
  const cases = [
    {
      name: 'of its delegation',
      exceeded: DELEGATED,
      message:
        'the allowlist exceeds a bound: with it, the allowlists named "team-a-*" have more than 100 entries (117); delete allowlists or entries, or raise the delegation\'s maxEntries',
    },
    {
      name: 'of all others',
      exceeded: { ...DELEGATED, listNamePrefix: '' },
      message:
        'the allowlist exceeds a bound: with it, the allowlists have more than 100 entries (117); delete allowlists or entries, or raise maxAllowlistEntries',
    },
  ];
  for (const { name, exceeded, message } of cases) {
    test(`${name} is denied`, () => {
      const { outcome, reason, denial } = decideAllowlistRequest({}, policyOf([]), exceeded);
      assert.deepEqual(
        { outcome, reason, denial },
        {
          ...{ outcome: 'deny', reason: 'over-bound' },
          denial: { code: 403, reason: 'Forbidden', message },
        },
      );
    });
  }

  test('is found by what would be written, if that is valid', () => {
    const asked: string[] = [];
    const deps = {
      getPolicy: () => policyOf([]),
      now: () => 0,
      getNamespaces: () => undefined,
      getNamespaceLabels: () => assert.fail(),
      getPodRole: () => assert.fail(),
      findExceededBound: ({ name }: Allowlist) => {
        asked.push(name);
        return DELEGATED;
      },
    };
    const route = createAllowlistsRoute({ excludedNamespaces: [], unmutatedNamespaces: [] });
    const exceededBy = async (object: unknown) => {
      const change = route.parse(allowlistRequest({ object }));
      return change && (await route.gather(change, deps, () => assert.fail())).exceeded;
    };
    return Promise.all([exceededBy(allowlistObject()), exceededBy(allowlistObject({ roles: 1 }))]).then(
      (exceeded) => {
        assert.deepEqual(exceeded, [DELEGATED, undefined]);
        assert.deepEqual(asked, ['list']);
      },
    );
  });
});
