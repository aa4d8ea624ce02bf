import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAwaitedNews } from '../../../src/admission/allowlists/awaited-news.ts';
import { allowlistOf } from '../../builders/policy.ts';

const SURVEY = {
  ...{ known: new Map(), softened: [], conflict: undefined, leftOut: 0 },
  ...{
    missing: new Set<string>(),
    missingByLabel: new Set<string>(),
    unmatched: new Set<string>(),
    selectorMatchesNone: false,
  },
};
const AFTER = allowlistOf('list', { namespaceSelector: { matchLabels: { team: 'a', env: 'b' } } });
const SAME = allowlistOf('list', { namespaceSelector: { matchLabels: { env: 'b', team: 'a' } } });
const OTHER = allowlistOf('list', { namespaces: ['old', 'old-*'] });

const CASES = [
  { name: 'nothing where nothing is missing', before: undefined, survey: {}, expected: [[], false] },
  {
    name: 'namespaces that a new list names',
    before: undefined,
    survey: { missing: new Set(['a', 'b']) },
    expected: [['a', 'b'], false],
  },
  {
    name: 'namespaces that a list has not named before',
    before: OTHER,
    survey: { missing: new Set(['old', 'new']) },
    expected: [['new'], false],
  },
  {
    name: 'nothing of globs of before',
    before: OTHER,
    survey: { unmatched: new Set(['old-*']) },
    expected: [[], false],
  },
  {
    name: 'what matches a new glob',
    before: OTHER,
    survey: { unmatched: new Set(['old-*', 'new-*']) },
    expected: [[], true],
  },
  {
    name: 'what matches a new selector',
    before: OTHER,
    survey: { selectorMatchesNone: true },
    expected: [[], true],
  },
  {
    name: 'nothing of the same selector',
    before: SAME,
    survey: { selectorMatchesNone: true },
    expected: [[], false],
  },
  {
    name: 'namespaces that a new selector names',
    before: OTHER,
    survey: { missingByLabel: new Set(['a']) },
    expected: [['a'], false],
  },
  {
    name: 'nothing of names of the same selector',
    before: SAME,
    survey: { missingByLabel: new Set(['a']) },
    expected: [[], false],
  },
] as const;

for (const { name, before, survey, expected } of CASES) {
  test(`waits for ${name}`, () => {
    const change = { before, after: AFTER, problems: [], more: 0 };
    const { namespaces, isPatternUnmatched } = findAwaitedNews(change, { ...SURVEY, ...survey });
    assert.deepEqual([namespaces, isPatternUnmatched], expected);
  });
}

test('waits for nothing that an Invalid list asks for', () => {
  const problems = [{ path: ['spec', 'colour'], expected: 'no such field', found: '"colour"' }];
  const survey = { ...SURVEY, missing: new Set(['a']), unmatched: new Set(['b-*']) };
  const news = findAwaitedNews({ before: undefined, after: OTHER, problems, more: 0 }, survey);
  assert.deepEqual(news, { namespaces: [], isPatternUnmatched: false });
});
