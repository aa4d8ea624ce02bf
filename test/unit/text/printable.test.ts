import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { cut, printable, quoted, shorten } from '../../../src/text/printable.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

suite('cut', () => {
  const cases = [
    { text: '', max: 0, cutText: '' },
    { text: 'abc', max: 3, cutText: 'abc' },
    { text: 'abcd', max: 3, cutText: 'abc' },
    { text: 'ab\u{1F600}', max: 3, cutText: 'ab' },
    { text: 'ab\u{1F600}', max: 4, cutText: 'ab\u{1F600}' },
    { text: '\u{1F600}\u{1F600}', max: 2, cutText: '\u{1F600}' },
  ];

  for (const { text, max, cutText } of cases) {
    test(`leaves "${cutText}" of "${text}" at ${max} characters`, () => {
      assert.equal(cut(text, max), cutText);
    });
  }
});

suite('printable', () => {
  const cases = [
    { value: 'payments-reader', shown: 'payments-reader' },
    { value: 'a\u0000b\u001b\u007f\u0085', shown: 'a\uFFFDb\uFFFD\uFFFD\uFFFD' },
    { value: 'a\r\nb\tc', shown: 'a\uFFFD\uFFFDb\uFFFDc' },
    { value: '\u200b\u200f\u202e\u2060\ufeff\u00ad', shown: '\uFFFD'.repeat(6) },
    { value: '\u2028\u2029', shown: '\uFFFD\uFFFD' },
    { value: '\ud800x\udc00', shown: '\uFFFDx\uFFFD' },
    { value: 'prüfer \u{1F600}', shown: 'prüfer \u{1F600}' },
    { value: 'x'.repeat(81), shown: 'x'.repeat(80) },
  ];

  for (const { value, shown } of cases) {
    test(`shows ${JSON.stringify(shown)} for ${JSON.stringify(value)}`, () => {
      assert.equal(printable(value), shown);
    });
  }

  test('holds no unprintable character and at most 80 characters, whatever the value', () => {
    fc.assert(
      fc.property(hostileText(), (value) => {
        const shown = printable(value);
        assert.doesNotMatch(shown, UNPRINTABLE);
        assert.ok(shown.length <= 80);
        assert.equal(shown.isWellFormed(), true);
      }),
      propertyRuns(500),
    );
  });
});

suite('quoted', () => {
  const cases = [
    { value: 'a', max: 3, shown: '"a"' },
    { value: 'abc', max: 3, shown: '"abc"' },
    { value: 'abcd', max: 3, shown: '"abc"…' },
  ];

  for (const { value, max, shown } of cases) {
    test(`shows ${shown} for "${value}" at ${max} characters`, () => {
      assert.equal(quoted(value, max), shown);
    });
  }
});

function hostileText(): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.constantFrom('\ud83d', '\ude00', '\n', '\u200b', 'a', '\u{1F600}'),
    fc.nat(0xffff).map((codeUnit) => String.fromCharCode(codeUnit)),
  );
  return fc.array(unit, { maxLength: 120 }).map((units) => units.join(''));
}

for (const { text, max, expected } of [
  { text: 'abc', max: 3, expected: 'abc' },
  { text: 'abcd', max: 3, expected: 'ab…' },
  { text: 'a\u{1F600}bc', max: 3, expected: 'a…' },
]) {
  test(`shortens ${JSON.stringify(text)} to ${JSON.stringify(expected)}`, () => {
    assert.equal(shorten(text, max), expected);
  });
}
