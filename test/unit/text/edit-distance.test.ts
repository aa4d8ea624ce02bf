import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from '../../../src/text/edit-distance.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

suite('editDistance', () => {
  const cases = [
    { a: '', b: '', max: 2, distance: 0 },
    { a: 'role', b: 'role', max: 2, distance: 0 },
    { a: 'role', b: 'roles', max: 2, distance: 1 },
    { a: 'roles', b: 'role', max: 2, distance: 1 },
    { a: 'role', b: 'rule', max: 2, distance: 1 },
    { a: 'reader', b: 'raeder', max: 2, distance: 1 },
    { a: 'reader', b: 'erdaer', max: 2, distance: 2 },
    { a: 'ab', b: 'ba', max: 2, distance: 1 },
    { a: '', b: 'ab', max: 2, distance: 2 },
    { a: 'reader', b: 'writer', max: 2, distance: 3 },
    { a: 'a', b: 'abcdef', max: 2, distance: 3 },
    { a: 'abc', b: 'xyz', max: 9, distance: 3 },
    { a: 'abc', b: 'xyz', max: 0, distance: 1 },
  ];

  for (const { a, b, max, distance } of cases) {
    test(`is ${distance} from "${a}" to "${b}" counting to ${max}`, () => {
      assert.equal(editDistance(a, b, max), distance);
      assert.equal(editDistance(b, a, max), distance);
    });
  }

  test('agrees with its definition by recursion', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

    fc.assert(
      fc.property(word, word, fc.nat(6), (a, b, max) => {
        assert.equal(editDistance(a, b, max), Math.min(slowDistance(a, b), max + 1));
      }),
      propertyRuns(500),
    );
  });
});

suite('nearest', () => {
  const cases = [
    { value: 'payment-reader', candidates: ['other', 'payments-reader'], max: 2, found: 'payments-reader' },
    { value: 'readr', candidates: ['reads', 'reader'], max: 2, found: 'reads' },
    { value: 'reader', candidates: ['readex', 'reader'], max: 2, found: 'reader' },
    { value: 'reader', candidates: ['writer'], max: 2, found: undefined },
    { value: 'ab', candidates: ['ac'], max: 2, found: undefined },
    { value: 'abc', candidates: ['abd'], max: 2, found: 'abd' },
    { value: 'abc', candidates: ['ade'], max: 2, found: undefined },
    { value: 'abcdefghijkl', candidates: ['abcdefghiXYZ'], max: 2, found: undefined },
    { value: 'reader', candidates: [], max: 2, found: undefined },
  ];

  for (const { value, candidates, max, found } of cases) {
    test(`is ${found} to "${value}" among ${candidates.join(', ') || 'none'}`, () => {
      assert.equal(nearest(value, candidates, max), found);
    });
  }
});

/** The optimal string alignment distance, word for word as it is defined. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') {
    return a.length + b.length;
  }
  const isSwap = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
  return Math.min(
    slowDistance(a.slice(0, -1), b) + 1,
    slowDistance(a, b.slice(0, -1)) + 1,
    slowDistance(a.slice(0, -1), b.slice(0, -1)) + (a.at(-1) === b.at(-1) ? 0 : 1),
    isSwap ? slowDistance(a.slice(0, -2), b.slice(0, -2)) + 1 : Number.POSITIVE_INFINITY,
  );
}
