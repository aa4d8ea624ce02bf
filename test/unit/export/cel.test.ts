import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  buildGlobsExpression,
  buildLabelsExpression,
  celAsciiText,
  celText,
  celTexts,
  needsRegularExpression,
} from '../../../src/export/cel.ts';
import { compileGlobs } from '../../../src/policy/glob.ts';
import type { LabelSelector } from '../../../src/policy/label-selector.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

suite('celText', () => {
  const cases = [
    { text: '', literal: "''" },
    { text: 'payments-reader', literal: "'payments-reader'" },
    { text: "it's", literal: String.raw`'it\'s'` },
    { text: "\\'] || true || ['", literal: String.raw`'\\\'] || true || [\''` },
    { text: 'a\nb\r\u0000\u2028', literal: String.raw`'a\u000ab\u000d\u0000\u2028'` },
    { text: 'a\u00a0b\u200bc\u202ed', literal: String.raw`'a\u00a0b\u200bc\u202ed'` },
    { text: '#支付 "x" {y} 😀', literal: `'#支付 "x" {y} 😀'` },
    { text: '\u{e0001}', literal: String.raw`'\U000e0001'` },
    { text: 'half \ud800', literal: String.raw`'half \ufffd'` },
  ];

  for (const { text, literal } of cases) {
    test(`writes ${JSON.stringify(text)}`, () => {
      assert.equal(celText(text), literal);
    });
  }

  test('never writes a quote that ends the literal, nor what is unprintable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inner = celText(text).slice(1, -1);
        assert.doesNotMatch(
          inner.replaceAll(/\\(?:[\\']|u[0-9a-f]{4}|U[0-9a-f]{8})/g, ''),
          /['\\]|(?! )[\p{C}\p{Z}]/u,
        );
      }),
      propertyRuns(1_000),
    );
  });
});

test('celAsciiText escapes what is beyond ASCII too', () => {
  assert.equal(celAsciiText("ſ'😀"), String.raw`'\u017f\'\U0001f600'`);
});

test('celTexts writes a list', () => {
  assert.equal(celTexts(['a', "'"]), String.raw`['a', '\'']`);
  assert.equal(celTexts([]), '[]');
});

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

suite('needsRegularExpression', () => {
  for (const pattern of ['a', 'a*', 'a**', '*', '**']) {
    test(`is false for ${pattern}`, () => {
      assert.equal(needsRegularExpression(pattern), false);
    });
  }
  for (const pattern of ['*a', 'a*b', '*a*']) {
    test(`is true for ${pattern}`, () => {
      assert.equal(needsRegularExpression(pattern), true);
    });
  }
});

suite('buildLabelsExpression', () => {
  const cases: readonly { name: string; selector: LabelSelector; expression: string }[] = [
    { name: 'an empty selector', selector: {}, expression: 'true' },
    { name: 'empty parts', selector: { matchLabels: {}, matchExpressions: [] }, expression: 'true' },
    {
      name: 'matchLabels',
      selector: { matchLabels: { team: 'a', 'x.y/z': '' } },
      expression: "(('team' in l && l['team'] in ['a']) && ('x.y/z' in l && l['x.y/z'] in ['']))",
    },
    {
      name: 'In',
      selector: { matchExpressions: [{ key: 'k', operator: 'In', values: ['a', 'b'] }] },
      expression: "(('k' in l && l['k'] in ['a', 'b']))",
    },
    {
      name: 'NotIn, which holds without the key too',
      selector: { matchExpressions: [{ key: 'k', operator: 'NotIn', values: ['a'] }] },
      expression: "(!('k' in l && l['k'] in ['a']))",
    },
    {
      name: 'Exists and DoesNotExist',
      selector: {
        matchExpressions: [
          { key: 'k', operator: 'Exists' },
          { key: 'm', operator: 'DoesNotExist', values: [] },
        ],
      },
      expression: "('k' in l && !('m' in l))",
    },
    {
      name: 'In without values, which nothing meets',
      selector: { matchExpressions: [{ key: 'k', operator: 'In' }] },
      expression: "(('k' in l && l['k'] in []))",
    },
  ];

  for (const { name, selector, expression } of cases) {
    test(`says ${name}`, () => {
      assert.equal(buildLabelsExpression('l', selector), expression);
    });
  }
});

/** Evaluates an expression; no text in it has a quote, or a bar outside of a regular expression. */
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
