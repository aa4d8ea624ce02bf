import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { compilePolicy } from '../../../../src/policy/policy.ts';
import { parseAllowlist } from '../../../../src/policy/schema/parse.ts';
import { badAllowlists, goodAllowlists } from '../../../builders/allowlist-cases.ts';
import { allowlistNamed, settings } from '../../../builders/arbitraries.ts';
import { deepFreeze } from '../../../builders/deep-freeze.ts';
import { propertyRuns } from '../../../builders/property-runs.ts';
import { expectValue } from '../../../builders/result.ts';

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const someJson = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text));

const someKey = fc.oneof(
  fc.constantFrom(
    'namespaces',
    'namespaceSelector',
    'roles',
    'defaultRole',
    'expiresAt',
    '__proto__',
    'constructor',
  ),
  fc.string({ maxLength: 5 }),
);

/** Allowlists, good and bad, of which one part is any JSON. */
const oddAllowlist = fc.oneof(
  someJson,
  fc
    .tuple(fc.constantFrom(...goodAllowlists, ...badAllowlists), someKey, someJson, fc.boolean())
    .map(([{ object }, key, value, isInSpec]) => {
      const root = { ...Object(object) };
      const entry = Object.fromEntries([[key, value]]);
      return isInSpec ? { ...root, spec: { ...root.spec, ...entry } } : { ...root, ...entry };
    }),
);

suite('parseAllowlist', () => {
  test('answers for any JSON with an allowlist that compiles or with problems', () => {
    fc.assert(
      fc.property(oddAllowlist, settings, (object, settings) => {
        const parsed = parseAllowlist(deepFreeze(object));

        assert.ok(parsed.ok || parsed.problem.problems.length > 0);
        compilePolicy(parsed.ok ? [parsed.value] : [], settings);
      }),
      propertyRuns(1500),
    );
  });

  test('tells every problem on one short and printable line', () => {
    fc.assert(
      fc.property(oddAllowlist, (object) => {
        const parsed = parseAllowlist(object);
        for (const { expected, found } of parsed.ok ? [] : parsed.problem.problems) {
          assert.doesNotMatch(expected + found, UNPRINTABLE);
          assert.ok(expected.length + found.length < 400);
        }
      }),
      propertyRuns(1500),
    );
  });

  test('reads an allowlist as it was written', () => {
    fc.assert(
      fc.property(allowlistNamed('a'), ({ name, spec }) => {
        const object = {
          apiVersion: 'eci-ram-role.io/v1alpha1',
          kind: 'RamRoleAllowlist',
          metadata: { name },
          spec,
        };

        assert.deepEqual(expectValue(parseAllowlist(object)), { name, spec });
      }),
      propertyRuns(500),
    );
  });
});
