import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { countKeys, MAX_KEY_LENGTH } from '../../../src/json/cost.ts';
import { walkJson } from '../../../src/json/json.ts';

const BOUNDS = { length: 20_000_000, cost: 1_000, depth: 100 };
const MANY = 5_000_000;

suite('the count of a JSON text', () => {
  const attacks = [
    { name: 'openers and as many closers', text: '['.repeat(MANY) + ']'.repeat(MANY), problem: 'depth' },
    { name: 'openers of objects', text: '{"a":'.repeat(MANY / 5), problem: 'depth' },
    { name: 'openers after whitespace', text: '[\n\t '.repeat(MANY), problem: 'depth' },
    { name: 'openers one after the other', text: '[],'.repeat(MANY), problem: 'cost' },
    { name: 'small values', text: `[${'1,'.repeat(MANY)}1]`, problem: 'cost' },
    { name: 'empty strings', text: `[${'"",'.repeat(MANY)}1]`, problem: 'cost' },
    { name: 'strings of escapes', text: `[${'"\\\\\\"",'.repeat(MANY / 2)}1]`, problem: 'cost' },
    { name: 'keys of escapes', text: `{${'"\\"":1,'.repeat(MANY / 4)}"a":1}`, problem: 'cost' },
    { name: 'the same key', text: `{${'"a":1,'.repeat(MANY / 4)}"a":1}`, problem: 'cost' },
    { name: 'objects of the same key', text: `[${'{"a":1},'.repeat(MANY / 4)}1]`, problem: 'cost' },
    { name: 'a long key', text: `{"${'\\"'.repeat(MANY)}":1}`, problem: 'key' },
    { name: 'a longer text', text: ' '.repeat(BOUNDS.length + 1), problem: 'length' },
  ];
  for (const { name, text, problem } of attacks) {
    test(`finds ${problem} in ${name}`, () => {
      assert.deepEqual(countKeys(text, BOUNDS), { ok: false, problem });
    });
  }

  const harmless = [
    { name: 'brackets inside a string', text: `"${'[{'.repeat(MANY)}"`, keys: 0 },
    {
      name: 'brackets and escapes inside a string',
      text: `["${'\\"[\\u005b\\\\'.repeat(MANY / 5)}"]`,
      keys: 0,
    },
    { name: 'brackets inside a key', text: '{"[[[{{{,,,\\"[[[":1}', keys: 1 },
    { name: 'whitespace', text: `[${' \n\r\t'.repeat(MANY / 2)}]`, keys: 0 },
    { name: 'digits', text: '1'.repeat(MANY), keys: 0 },
    { name: 'a key of the longest length', text: `{"${'a'.repeat(MAX_KEY_LENGTH)}":1}`, keys: 1 },
    { name: 'a string without an end', text: `"${'\\"'.repeat(MANY)}`, keys: 0 },
  ];
  for (const { name, text, keys } of harmless) {
    test(`passes ${name}`, () => {
      assert.deepEqual(countKeys(text, BOUNDS), { ok: true, value: keys });
    });
  }

  const ended = [
    { name: 'a closer too many', text: ']'.repeat(MANY) },
    { name: 'a colon without a key', text: ':'.repeat(MANY) },
    { name: 'a string after a string', text: '"a"'.repeat(MANY) },
  ];
  for (const { name, text } of ended) {
    test(`stops where a text stops being JSON: ${name}`, () => {
      assert.deepEqual(countKeys(text, BOUNDS), { ok: true, value: 0 });
    });
  }

  const costs = [
    { text: '1', cost: 1 },
    { text: '[]', cost: 3 },
    { text: '[1,1]', cost: 4 },
    { text: '{"a":1}', cost: 8 },
    { text: '{"a":1,"b":1}', cost: 14 },
    { text: '[{"a":1,"b":1},{"a":1,"b":1}]', cost: 20 },
    { text: '[{"a":1,"b":1},{"b":1,"a":1}]', cost: 30 },
    { text: '{"a":{"a":{"a":1}}}', cost: 12 },
  ];
  for (const { text, cost } of costs) {
    test(`counts ${cost} for ${text}`, () => {
      assert.equal(countKeys(text, { ...BOUNDS, cost }).ok, true);
      assert.deepEqual(countKeys(text, { ...BOUNDS, cost: cost - 1 }), { ok: false, problem: 'cost' });
    });
  }

  test('counts at least the values, and all keys, of whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
        const nodes = [...walkJson(value)];
        const keys = nodes.reduce((count, node) => count + node.keys.length, 0);
        const values = nodes.reduce((count, { value }) => count + Object.keys(value).length, 1);
        const text = JSON.stringify(value, null, indent);
        assert.deepEqual(countKeys(text, BOUNDS), { ok: true, value: keys });
        assert.equal(countKeys(text, { ...BOUNDS, cost: Math.max(1, values - 1) }).ok, nodes.length === 0);
      }),
    );
  });
});
