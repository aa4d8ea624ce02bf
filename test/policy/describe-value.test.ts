import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describeValue } from '../../src/policy/schema/parse.ts';

suite('describeValue', () => {
  const cases = [
    { value: undefined, described: 'nothing' },
    { value: null, described: 'null' },
    { value: 0.5, described: '0.5' },
    { value: 12n, described: '12' },
    { value: false, described: 'false' },
    { value: 'a"b\n', described: '"a"b\uFFFD"' },
    { value: [], described: 'a list of 0' },
    { value: {}, described: 'an object' },
    { value: 'acs:ram::1:role/x', described: 'the ARN "acs:ram::1:role/x": use the role name "x"' },
  ];

  for (const { value, described } of cases) {
    test(`tells ${described} for ${typeof value}`, () => {
      assert.equal(describeValue(value), described);
    });
  }
});
