import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describeValue } from '../../../src/text/problem.ts';

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
  ];

  for (const { value, described } of cases) {
    test(`tells ${described} for ${typeof value}`, () => {
      assert.equal(describeValue(value), described);
    });
  }
});
