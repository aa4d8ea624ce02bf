import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { isGlob, matchesGlob } from '../../../src/policy/glob.ts';
import { createPatternIndex } from '../../../src/policy/pattern-index.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 4 });

suite('the index of patterns', () => {
  test('finds what every pattern alone matches, after any additions and removals', () => {
    const holder = fc.nat(2);
    const step = fc.record({ isAdded: fc.boolean(), pattern, holder });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), text, (steps, text) => {
        const holders = [{ name: 0 }, { name: 1 }, { name: 2 }];
        const index = createPatternIndex<{ name: number }>();
        const expected = new Map<string, Set<number>>();
        for (const { isAdded, pattern, holder } of steps) {
          const value = holders[holder] ?? { name: -1 };
          index[isAdded ? 'add' : 'remove'](pattern, value);
          const names = expected.get(pattern) ?? new Set();
          expected.set(pattern, names);
          names[isAdded ? 'add' : 'delete'](holder);
        }
        const find = (visit: 'visitExact' | 'visitGlobs') => {
          const found = new Set<number>();
          index[visit](text, ({ name }) => found.add(name));
          return [...found].sort();
        };
        const matching = (areGlobs: boolean) =>
          [
            ...new Set(
              [...expected].flatMap(([pattern, names]) =>
                isGlob(pattern) === areGlobs && matchesGlob(pattern, text) ? [...names] : [],
              ),
            ),
          ].sort();
        assert.deepEqual([find('visitExact'), find('visitGlobs')], [matching(false), matching(true)]);
        assert.equal(index.hasExact(text), matching(false).length > 0);
      }),
      propertyRuns(3000),
    );
  });

  test('takes a name with a star for no pattern', () => {
    const index = createPatternIndex<{ name: string }>();
    index.add('pay*', { name: 'glob' });
    index.visitExact('pay*', () => assert.fail('expected no exact name'));
    assert.equal(index.hasExact('pay*'), false);
  });
});
