import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { asArray, asObject, asString, isObject, own } from '../../../src/json/json.ts';

const object = { a: 1 };
const list = [1];
const values = [undefined, null, true, 0, '', 'text', list, object];

suite('JSON of unknown form', () => {
  test('is an object where it is neither null nor a list', () => {
    assert.deepEqual(values.filter(isObject), [object]);
  });

  test('is taken as an empty object where it is none', () => {
    assert.deepEqual(values.map(asObject), [{}, {}, {}, {}, {}, {}, {}, object]);
  });

  test('is taken as an empty list where it is none', () => {
    assert.deepEqual(values.map(asArray), [[], [], [], [], [], [], list, []]);
  });

  test('is taken as an empty text where it is none', () => {
    assert.deepEqual(values.map(asString), ['', '', '', '', '', 'text', '', '']);
  });

  test('is asked for its own properties alone', () => {
    const withProto = JSON.parse('{"__proto__":{"b":2},"constructor":3,"a":null}');

    assert.deepEqual(
      ['a', 'b', 'constructor', 'toString', '__proto__'].map((key) => own(withProto, key)),
      [null, undefined, 3, undefined, { b: 2 }],
    );
  });
});
