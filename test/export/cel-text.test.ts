import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { celAsciiText, celText, celTexts } from '../../src/export/cel-text.ts';
import { propertyRuns } from '../builders/property-runs.ts';

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
