import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstSorted } from '../../../src/text/first-sorted.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

test('firstSorted gives the beginning of all texts, sorted and each once', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }), { maxLength: 20 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 5 }), (texts, max) => {
      assert.deepEqual(firstSorted(texts, max), [...new Set(texts)].sort().slice(0, max));
    }),
    propertyRuns(500),
  );
});
