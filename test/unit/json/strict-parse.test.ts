import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseJsonStrictly } from '../../../src/json/strict-parse.ts';

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
      assert.deepEqual(parseJsonStrictly(text), { ok: true, value: JSON.parse(text) }));
  }

  const bad = [
    { text: '', problem: 'a text that is not JSON' },
    { text: '- name: spark', problem: 'a text that is not JSON' },
    { text: '[] []', problem: 'a text that is not JSON' },
    { text: '["a]', problem: 'a text that is not JSON' },
    { text: `[${'{},'.repeat(20_000)}0]`.slice(0, 100_000), problem: 'more than 20000 values' },
    { text: '{"a":1,"a":1}', problem: 'a duplicate key' },
    { text: '{"a":1,"\\u0061" :2}', problem: 'a duplicate key' },
    { text: '[{"b":{"__proto__":1,"c":":","__proto__"\n:1}}]', problem: 'a duplicate key' },
  ];
  for (const { text, problem } of bad) {
    test(`finds ${problem} in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseJsonStrictly(text), { ok: false, problem });
    });
  }

  test('parses whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        assert.deepEqual(parseJsonStrictly(text), { ok: true, value: JSON.parse(text) });
      }),
    );
  });

  test('takes a text of any depth', () => {
    const text = (depth: number) => `${'{"a":['.repeat(depth)}${']}'.repeat(depth)}`;
    assert.equal(parseJsonStrictly(text(9_000)).ok, true);
    assert.deepEqual(parseJsonStrictly(text(100_000)), { ok: false, problem: 'more than 20000 values' });
  });
});
