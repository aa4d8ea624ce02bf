import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchPatterns } from '../../src/admission/allowlists/search-patterns.ts';
import { compileAllowlist } from '../../src/policy/allowlist.ts';
import { allowlistOf } from '../builders/policy.ts';

const listOf = (spec: Parameters<typeof allowlistOf>[1]) =>
  compileAllowlist(allowlistOf('list', spec), () => false);

const globs = (prefix: string, length: number) =>
  Array.from({ length }, (_, index) => `${prefix}-${index}-*`);

test('finds the globs of both lists that match nothing', () => {
  const before = listOf({ namespaces: ['old-*', 'team-*', 'gone'] });
  const after = listOf({ namespaces: ['new-*', 'team-*', 'x'] });
  const search = searchPatterns(before, after);
  search.look('team-a', new Map());
  assert.deepEqual(search.unmatchedGlobs(), ['new-*', 'old-*']);
  assert.equal(search.selectorMatchesNone(), false);
});

test('finds whether the selector of the second list selects nothing', () => {
  const search = searchPatterns(undefined, listOf({ namespaceSelector: { matchLabels: { team: 'a' } } }));
  search.look('one', new Map([['team', 'b']]));
  assert.equal(search.selectorMatchesNone(), true);
  search.look('two', new Map([['team', 'a']]));
  assert.equal(search.selectorMatchesNone(), false);
});

test('looks for no glob where there are more than two lists may have', () => {
  const [before, after] = [listOf({ namespaces: globs('a', 256) }), listOf({ namespaces: globs('b', 256) })];
  assert.equal(searchPatterns(before, after).unmatchedGlobs().length, 512);
  const longer = listOf({ namespaces: globs('b', 257) });
  assert.deepEqual(searchPatterns(before, longer).unmatchedGlobs(), []);
});
