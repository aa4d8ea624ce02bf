import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { buildGlobsExpression, estimateGlobsCost } from '../../src/export/cel-globs.ts';
import { compileGlobs } from '../../src/policy/glob.ts';
import { propertyRuns } from '../builders/property-runs.ts';

suite('buildGlobsExpression', () => {
  const cases = [
    { patterns: [], expression: 'false' },
    { patterns: ['a', 'b', 'a'], expression: "x in ['a', 'b']" },
    { patterns: ['a-*'], expression: "x.startsWith('a-')" },
    { patterns: ['a-***'], expression: "x.startsWith('a-')" },
    { patterns: ['*'], expression: 'true' },
    { patterns: ['a', '**', 'b*c'], expression: 'true' },
    { patterns: ['*a'], expression: "x.matches('^(.*a)$')" },
    { patterns: ['a.b*c.d', '*e**f*'], expression: "x.matches('^(a[.]b.*c[.]d|.*e.*f.*)$')" },
    {
      patterns: ['a*', 'b', '*c', 'd*'],
      expression: "(x in ['b'] || x.startsWith('a') || x.startsWith('d') || x.matches('^(.*c)$'))",
    },
  ];

  for (const { patterns, expression } of cases) {
    test(`says ${JSON.stringify(patterns)}`, () => {
      assert.equal(buildGlobsExpression('x', patterns), expression);
    });
  }

  test('says what compileGlobs says', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '*'), minLength: 1, maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', 'x'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), text, (patterns, text) => {
        assert.equal(holds(buildGlobsExpression('x', patterns), text), compileGlobs(patterns)(text));
      }),
      propertyRuns(5_000),
    );
  });
});

suite('estimateGlobsCost', () => {
  const cases = [
    { patterns: ['a', '*'], cost: 0 },
    { patterns: ['a', 'b'], cost: 7 },
    { patterns: ['0123456789-*'], cost: 12 },
    // A text of 64 characters counts for 7, the regular expression of 20 for 5.
    { patterns: ['*012345678901*'], cost: 5 + 7 * 5 },
  ];

  for (const { patterns, cost } of cases) {
    test(`is ${cost} for ${JSON.stringify(patterns)}`, () => {
      assert.equal(estimateGlobsCost(64, patterns), cost);
    });
  }
});

/** Evaluates what is built, in which no text holds a quote or a bar outside of a regular expression. */
function holds(expression: string, text: string): boolean {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' || ')
    .some((term) => {
      const [, names] = /^x in \[(.*)\]$/.exec(term) ?? [];
      const [, prefix] = /^x\.startsWith\('(.*)'\)$/.exec(term) ?? [];
      const [, pattern] = /^x\.matches\('(.*)'\)$/.exec(term) ?? [];
      return (
        term === 'true' ||
        names?.split(', ').includes(`'${text}'`) ||
        (prefix !== undefined && text.startsWith(prefix)) ||
        (pattern !== undefined && new RegExp(pattern).test(text))
      );
    });
}
