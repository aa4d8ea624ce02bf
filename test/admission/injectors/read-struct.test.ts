import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readStruct } from '../../../src/admission/injectors/read-struct.ts';

suite('readStruct', () => {
  const read: readonly Readonly<{ name: string; value: unknown; expected: object }>[] = [
    { name: 'a field as it is written', value: { effect: 1 }, expected: { effect: 1 } },
    { name: 'no other letters', value: { 'e\ufb00ect': 1 }, expected: {} },
    { name: 'nothing of other fields', value: { effects: 1, toString: 2 }, expected: {} },
    { name: 'nothing of null', value: null, expected: {} },
    { name: 'nothing where it is absent', value: undefined, expected: {} },
  ];
  for (const { name, value, expected } of read) {
    test(`reads ${name}`, () => {
      assert.deepEqual(readStruct(value, 'spec', ['effect', 'labels', 'key']), {
        value: new Map(Object.entries(expected)),
      });
    });
  }

  const refused = [
    ...['EFFECT', 'Effect'].map((key) => ({
      name: `a field as ${key}`,
      value: { other: 1, [key]: 2, effect: 3 },
      problem: { path: 'spec.effect', expected: 'this spelling of the field', found: `"${key}"` },
    })),
    ...['label\u017f', '\u212aey'].map((key) => ({
      name: `letters that Go takes for ASCII ones, ${key}`,
      value: { [key]: 1 },
      problem: {
        path: key.startsWith('label') ? 'spec.labels' : 'spec.key',
        expected: 'this spelling of the field',
        found: `"${key}"`,
      },
    })),
    { name: 'a list', value: [], problem: { path: 'spec', expected: 'an object', found: 'a list of 0' } },
    { name: 'a text', value: 'x', problem: { path: 'spec', expected: 'an object', found: '"x"' } },
  ];
  for (const { name, value, problem } of refused) {
    test(`cannot read ${name}`, () => {
      assert.deepEqual(readStruct(value, 'spec', ['effect', 'labels', 'key']), { problem });
    });
  }
});
