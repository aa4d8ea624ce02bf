import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstSorted, positionOf } from '../../../src/text/sorted.ts';
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

test('positionOf finds an item, or where to insert it', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 0, max: 30 }), (numbers, item) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      assert.equal(
        positionOf(sorted, (other) => other < item),
        sorted.filter((other) => other < item).length,
      );
    }),
    propertyRuns(1000),
  );
});
