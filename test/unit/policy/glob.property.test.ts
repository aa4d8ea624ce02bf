import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesGlob } from '../../../src/policy/glob.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 5 });
const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }), { maxLength: 5 });

test('a glob that matches the text of another matches whatever the other may match', () => {
  fc.assert(
    fc.property(glob, glob, texts, (wide, narrow, parts) => {
      fc.pre(matchesGlob(wide, narrow));
      let next = 0;
      const match = narrow.replaceAll('*', () => parts[next++] ?? '');
      assert.ok(matchesGlob(narrow, match));
      assert.ok(matchesGlob(wide, match));
    }),
    propertyRuns(1000),
  );
});
