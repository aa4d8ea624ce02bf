import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { isSameJson } from '../../../src/json/equal.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

const ABSENT_AND_UNDEFINED = [{ a: undefined }, { b: undefined }];

suite('isSameJson', () => {
  const cases: readonly Readonly<{ name: string; a: unknown; b: unknown; isSame: boolean }>[] = [
    { name: 'the same texts', a: 'a', b: 'a', isSame: true },
    { name: 'a text and a number', a: '1', b: 1, isSame: false },
    { name: 'null and an object', a: null, b: {}, isSame: false },
    { name: 'a list and an object', a: [], b: {}, isSame: false },
    { name: 'an object and a list', a: {}, b: [], isSame: false },
    { name: 'keys in another order', a: { a: 1, b: [2] }, b: { b: [2], a: 1 }, isSame: true },
    { name: 'a key too many', a: { a: 1 }, b: { a: 1, b: 1 }, isSame: false },
    { name: 'another key', a: ABSENT_AND_UNDEFINED[0], b: ABSENT_AND_UNDEFINED[1], isSame: false },
    { name: 'a list in another order', a: [1, 2], b: [2, 1], isSame: false },
    { name: 'a longer list', a: [1], b: [1, 2], isSame: false },
    { name: 'a change far inside', a: { a: [{ b: 1 }] }, b: { a: [{ b: 2 }] }, isSame: false },
    { name: 'an inherited key', a: { toString: 1 }, b: { valueOf: 1 }, isSame: false },
  ];

  for (const { name, a, b, isSame } of cases) {
    test(`tells ${isSame} of ${name}`, () => {
      assert.equal(isSameJson(a, b), isSame);
    });
  }

  test('compares values of any depth', () => {
    const deep = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    assert.equal(isSameJson(deep(5000), deep(5000)), true);
    assert.equal(isSameJson(deep(5000), deep(5001)), false);
  });

  test('agrees with what compares by recursion', () => {
    const json = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text));
    fc.assert(
      fc.property(json, json, (a, b) => {
        assert.equal(isSameJson(a, b), isDeepStrictEqual(a, b));
        assert.equal(isSameJson(a, structuredClone(a)), true);
      }),
      propertyRuns(500),
    );
  });
});
