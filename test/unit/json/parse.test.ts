import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseJson, parseJsonStrictly, UNCOUNTED_LENGTH } from '../../../src/json/parse.ts';

const BOUNDS = { length: 200_000, cost: 20_000, depth: 1_000 };

suite('parseJsonStrictly', () => {
  const good = [
    '[]',
    'null',
    '"a: b"',
    ' { "a" : { "a" : [ { "a" : "a\\":" } ] } , "b\\\\" : "\\\\" } ',
    '{"__proto__":{"__proto__":1},"constructor":2}',
    '[{"a":1},{"a":1}]',
    '{"\\u0061":1,"b":"a"}',
    '{"":1}',
  ];
  for (const text of good) {
    test(`parses ${text}`, () =>
      assert.deepEqual(parseJsonStrictly(text, BOUNDS), { ok: true, value: JSON.parse(text) }));
  }

  const bad = [
    { text: '', problem: 'a text that is not JSON' },
    { text: '- name: spark', problem: 'a text that is not JSON' },
    { text: '[] []', problem: 'a text that is not JSON' },
    { text: '["a]', problem: 'a text that is not JSON' },
    { text: `[${'{},'.repeat(20_000)}0]`.slice(0, 100_000), problem: 'a cost of more than 20000' },
    { text: '['.repeat(1_001), problem: 'more than 1000 levels' },
    { text: ' '.repeat(200_001), problem: 'more than 200000 characters' },
    { text: `{"${'a'.repeat(4_097)}":1}`, problem: 'a key of more than 4096 characters' },
    { text: '{"a":1,"a":1}', problem: 'a duplicate key' },
    { text: '{"a":1,"\\u0061" :2}', problem: 'a duplicate key' },
    { text: '[{"b":{"__proto__":1,"c":":","__proto__"\n:1}}]', problem: 'a duplicate key' },
  ];
  for (const { text, problem } of bad) {
    test(`finds ${problem} in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseJsonStrictly(text, BOUNDS), { ok: false, problem });
    });
  }

  test('parses whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        assert.deepEqual(parseJsonStrictly(text, BOUNDS), { ok: true, value: JSON.parse(text) });
      }),
    );
  });
});

suite('parseJson', () => {
  test('parses what is within the bounds', () => {
    const value = [{ a: 'x'.repeat(UNCOUNTED_LENGTH) }];
    assert.deepEqual(parseJson(JSON.stringify(value), BOUNDS), { ok: true, value });
  });

  test('counts no short text', () => {
    assert.equal(parseJson('[1,1]', { length: 5, cost: 1, depth: 0 }).ok, true);
  });

  for (const { text, problem } of [
    { text: '[', problem: 'not-json' },
    { text: '', problem: 'not-json' },
    { text: ' '.repeat(200_001), problem: 'length' },
    { text: '[],'.repeat(20_000), problem: 'cost' },
    { text: '['.repeat(UNCOUNTED_LENGTH + 1), problem: 'depth' },
  ]) {
    test(`finds ${problem} in ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.deepEqual(parseJson(text, BOUNDS), { ok: false, problem });
    });
  }
});
