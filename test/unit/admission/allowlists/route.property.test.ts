import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideAllowlist, parseAllowlistChange } from '../../../../src/admission/allowlists/route.ts';
import { compilePolicy } from '../../../../src/policy/policy.ts';
import type { Allowlist } from '../../../../src/policy/schema/allowlist.ts';
import { allowlistObject, allowlistRequest } from '../../../builders/allowlist-review.ts';
import { allowlistNamed, allowlists, NOW, settings } from '../../../builders/arbitraries.ts';
import { deepFreeze } from '../../../builders/deep-freeze.ts';
import { propertyRuns } from '../../../builders/property-runs.ts';

const toObject = ({ name, spec }: Allowlist): unknown => ({
  ...allowlistObject({}, { name }),
  spec,
});

const someJson = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text));

const FIELDS = ['namespaces', 'namespaceSelector', 'roles', 'defaultRole', 'violationAction', 'expiresAt'];

/** Any JSON, good lists, and lists of which one field is any JSON. */
const object: fc.Arbitrary<unknown> = fc.oneof(
  someJson,
  allowlistNamed('list').map(toObject),
  fc
    .tuple(fc.constantFrom(...FIELDS, '__proto__', 'constructor'), someJson)
    .map(([field, value]) => allowlistObject(Object.fromEntries([[field, value]]))),
  someJson.map((metadata) => ({ ...allowlistObject(), metadata })),
);

test('every allowlist is admitted, with warnings that the API server passes on', () => {
  fc.assert(
    fc.property(
      fc.record({ operation: fc.constantFrom('CREATE', 'UPDATE'), object, oldObject: object }),
      allowlists,
      settings,
      (given, lists, settings) => {
        const policy = compilePolicy(lists, settings);
        const change = parseAllowlistChange(deepFreeze(allowlistRequest(given)));
        if (change === undefined) {
          return;
        }
        const facts = { policy, now: NOW, uncheckedNamespaces: ['ab'], exceeded: undefined };
        const { denial, warnings } = decideAllowlist(change, facts);
        assert.equal(denial, undefined);
        for (const warning of warnings) {
          assert.ok(warning.length < 256, warning);
          assert.doesNotMatch(warning, /[\p{Cc}\p{Cf}\p{Cs}]/u);
        }
        assert.equal(new Set(warnings).size, warnings.length);
      },
    ),
    propertyRuns(500),
  );
});
