import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  compileGlobs,
  havePatternsCommonMatch,
  isAnything,
  isGlob,
  matchesGlob,
} from '../../../src/policy/glob.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

suite('matchesGlob', () => {
  const cases = [
    {
      pattern: 'payments',
      matching: ['payments'],
      others: ['', 'payment', 'payments2', 'Payments', ' payments'],
    },
    { pattern: '', matching: [''], others: ['a', '*'] },
    { pattern: '*', matching: ['', 'a', 'a\nb', '*'], others: [] },
    { pattern: '**', matching: ['', 'a', 'ab'], others: [] },
    { pattern: 'a*', matching: ['a', 'ab', 'a\n'], others: ['', 'b', 'ba', 'A'] },
    { pattern: '*a', matching: ['a', 'ba', 'aa'], others: ['', 'ab', 'b'] },
    { pattern: 'a*a', matching: ['aa', 'aba', 'aaa'], others: ['a', 'ab', ''] },
    { pattern: 'ab*ba', matching: ['abba', 'ab-ba', 'abbaba'], others: ['aba', 'ab', 'abb'] },
    { pattern: '*ab*', matching: ['ab', 'aab', 'abb', 'xaby'], others: ['a', 'ba', 'a-b'] },
    { pattern: '*ab*b', matching: ['abb', 'xabab', 'ab-b'], others: ['ab', 'aab'] },
    { pattern: 'a*b*c', matching: ['abc', 'abbc', 'a-b-c', 'abcc'], others: ['ac', 'acb', 'abc-'] },
    { pattern: '*a*a*a*b', matching: ['aaab', 'a-a-ab', 'aaaaab'], others: ['aab', 'aaa', 'aaba'] },
    { pattern: 'a.b', matching: ['a.b'], others: ['axb'] },
    { pattern: '[a-z]+', matching: ['[a-z]+'], others: ['a', 'abc'] },
    { pattern: 'a?*', matching: ['a?', 'a?b'], others: ['ab', 'a'] },
    { pattern: '$&*', matching: ['$&', '$&x'], others: ['x'] },
  ];

  for (const { pattern, matching, others } of cases) {
    test(`matches exactly what "${pattern}" stands for`, () => {
      const matches = (text: string) => matchesGlob(pattern, text);

      assert.deepEqual(
        [...matching, ...others].filter((text) => matches(text)),
        matching,
      );
    });
  }

  test('agrees with a slow and obvious reference', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 9 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*', '*'), maxLength: 9 });

    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        assert.equal(matchesGlob(pattern, text), matchesSlowly(pattern, text));
      }),
      propertyRuns(3000),
    );
  });

  test('matches every text that its stars are replaced to', () => {
    const run = fc.array(fc.nat(0xffff), { maxLength: 5 }).map((units) => String.fromCharCode(...units));
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }), {
      minLength: 2,
      maxLength: 5,
    });

    fc.assert(
      fc.property(pieces, fc.array(run, { minLength: 4, maxLength: 4 }), (pieces, runs) => {
        const text = pieces
          .map((piece, index) => piece + (index < pieces.length - 1 ? runs[index] : ''))
          .join('');
        assert.ok(matchesGlob(pieces.join('*'), text));
      }),
      propertyRuns(500),
    );
  });

  test('ends on texts that make backtracking matchers run for ever', () => {
    const text = 'a'.repeat(1024 * 1024);
    const patterns = Array.from({ length: 256 }, (_, index) => `${'*a'.repeat(31)}*b${index}`);

    assert.equal(compileGlobs(patterns)(text), false);
    assert.equal(matchesGlob(`${'*a'.repeat(5000)}*b`, text), false);
    assert.equal(matchesGlob(`${'*a'.repeat(5000)}*`, text), true);
  });
});

suite('compileGlobs', () => {
  const cases = [
    { patterns: [], text: '', matches: false },
    { patterns: ['a', 'b'], text: 'b', matches: true },
    { patterns: ['a', 'b*'], text: 'bc', matches: true },
    { patterns: ['a', 'b*', 'c*'], text: 'c', matches: true },
    { patterns: ['a', 'b*'], text: 'ab', matches: false },
    { patterns: ['constructor'], text: 'toString', matches: false },
  ];

  for (const { patterns, text, matches } of cases) {
    test(`is ${matches} for "${text}" where the patterns are ${patterns.join(', ') || 'none'}`, () => {
      assert.equal(compileGlobs(patterns)(text), matches);
    });
  }
});

suite('isGlob', () => {
  test('is true for patterns with a star alone', () => {
    assert.deepEqual(['', 'a', 'a?', 'a*', '*', '**'].filter(isGlob), ['a*', '*', '**']);
  });
});

suite('havePatternsCommonMatch', () => {
  const cases = [
    { a: 'a', b: 'a', meet: true },
    { a: 'a', b: 'b', meet: false },
    { a: 'ab', b: 'a*', meet: true },
    { a: 'ab', b: '*a', meet: false },
    { a: 'a*', b: '*b', meet: true },
    { a: 'a*', b: 'ab*', meet: true },
    { a: 'a*', b: 'b*', meet: false },
    { a: '*a', b: '*b', meet: false },
    { a: 'x*one*y', b: 'x*two*zy', meet: true },
    { a: '*', b: '', meet: true },
  ];
  for (const { a, b, meet } of cases) {
    test(`is ${meet} of ${a} and ${b || 'nothing'}`, () => {
      assert.deepEqual([havePatternsCommonMatch(a, b), havePatternsCommonMatch(b, a)], [meet, meet]);
    });
  }

  test('is true where, and only where, some text of those letters matches both', () => {
    const texts = [''];
    for (const text of texts) {
      if (text.length < 6) {
        texts.push(`${text}a`, `${text}b`);
      }
    }
    const pattern = fc.stringMatching(/^[ab*]{0,3}$/);
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const both = texts.some((text) => matchesSlowly(a, text) && matchesSlowly(b, text));
        assert.equal(havePatternsCommonMatch(a, b), both);
      }),
      propertyRuns(200),
    );
  });
});

/** Tries every length for every star. */
function matchesSlowly(pattern: string, text: string): boolean {
  const [first, rest] = [pattern.slice(0, 1), pattern.slice(1)];
  if (first === '') {
    return text === '';
  }
  if (first === '*') {
    return Array.from({ length: text.length + 1 }, (_, skipped) => text.slice(skipped)).some((tail) =>
      matchesSlowly(rest, tail),
    );
  }
  return text.startsWith(first) && matchesSlowly(rest, text.slice(1));
}

for (const { pattern, expected } of [
  { pattern: '*', expected: true },
  { pattern: '***', expected: true },
  { pattern: '*a*', expected: false },
  { pattern: '', expected: false },
]) {
  test(`${JSON.stringify(pattern)} matches ${expected ? 'anything' : 'not everything'}`, () => {
    assert.equal(isAnything(pattern), expected);
  });
}
