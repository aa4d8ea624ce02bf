import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPath } from '../../../src/text/problem.ts';

for (const { path, expected } of [
  { path: [], expected: '' },
  { path: ['spec', 'roles', 2], expected: 'spec.roles[2]' },
  { path: [0, 'spec'], expected: '[0].spec' },
  { path: ['spec', 'matchLabels', 'a/b\n'], expected: 'spec.matchLabels["a/b\uFFFD"]' },
  { path: ['spec', 'k'.repeat(80)], expected: `spec.${'k'.repeat(80)}` },
  { path: ['spec', 'k'.repeat(81), 0], expected: `spec["${'k'.repeat(80)}"…][0]` },
]) {
  test(`writes a path as ${JSON.stringify(expected)}`, () => {
    assert.equal(formatPath(path), expected);
  });
}
