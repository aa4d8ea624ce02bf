import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/json/equal.ts';

const canonical = (value: unknown) => canonicalJson(value, { values: 1_000_000, characters: 10_000_000 });

suite('canonicalJson', () => {
  const equal = [
    {
      name: 'whatever the order of keys',
      a: { x: 1, y: { p: [], q: null } },
      b: { y: { q: null, p: [] }, x: 1 },
    },
    {
      name: 'of what was parsed and what was written',
      a: JSON.parse('{"__proto__":1}'),
      b: JSON.parse('{"__proto__":1}'),
    },
  ];
  for (const { name, a, b } of equal) {
    test(`is one text ${name}`, () => assert.equal(canonical(a), canonical(b)));
  }

  const different = [
    { name: 'a list in another order', a: [1, 2], b: [2, 1] },
    { name: 'a list in a list', a: [[1], 2], b: [[1, 2]] },
    { name: 'a number and its text', a: 1, b: '1' },
    { name: 'a list and an object', a: [], b: {} },
    { name: 'an absent and a null value', a: { x: null }, b: {} },
    { name: 'a text that looks like what separates', a: ['a', 'b'], b: ['a","b'] },
    { name: 'nothing and null', a: undefined, b: null },
    { name: 'null and a number too large', a: null, b: JSON.parse('1e400') },
    { name: 'a key of a prototype', a: JSON.parse('{"__proto__":1}'), b: {} },
  ];
  for (const { name, a, b } of different) {
    test(`tells apart ${name}`, () => assert.notEqual(canonical(a), canonical(b)));
  }

  test('is the same for a value and for what its own JSON says, and for no other', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 2 }), (a, b) => {
        const again = JSON.parse(JSON.stringify(a));
        assert.equal(canonical(a), canonical(again));
        assert.equal(canonical(again) === canonical(JSON.parse(JSON.stringify(b))), isSame(again, b));
      }),
    );
  });

  test('gives up a value that holds more than is asked for', () => {
    const characters = 100;
    assert.equal(typeof canonicalJson([1, { a: 2 }], { values: 4, characters }), 'string');
    assert.equal(canonicalJson([1, { a: 2 }], { values: 3, characters }), undefined);
  });

  test('gives up a value with more text than is asked for', () => {
    const value = ['0123456789', '0123456789'];
    assert.equal(typeof canonicalJson(value, { values: 9, characters: 40 }), 'string');
    assert.equal(canonicalJson(value, { values: 9, characters: 20 }), undefined);
  });

  test('takes a value of any depth', () => {
    const deep = JSON.parse(`${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`);
    assert.equal(canonical(deep)?.split('\n').length, 200_001);
  });
});

function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepStrictEqual(a, JSON.parse(JSON.stringify(b)));
    return true;
  } catch {
    return false;
  }
}
