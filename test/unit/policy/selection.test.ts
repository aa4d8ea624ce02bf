import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compileAllowlist, Rank } from '../../../src/policy/allowlist.ts';
import { toSelection } from '../../../src/policy/selection.ts';
import { allowlistOf } from '../../builders/policy.ts';

/** More roles than are compared one by one. */
const MANY = 100;
/** From this lookup on, roles are found by their index. */
const FIRST_INDEXED = 3;

const NAMES = Array.from({ length: MANY }, (_, index) => `list-${String(index).padStart(3, '0')}`);

const rankedOf = (name: string, roles: string[], rank: Rank = Rank.exact) => ({
  allowlist: compileAllowlist(allowlistOf(name, { roles }), () => false),
  rank,
});

suite('the allowlists of a selection that allow a role', () => {
  const lookups = Array.from({ length: FIRST_INDEXED + 1 }, (_, index) => index + 1);
  const selection = toSelection([
    ...NAMES.toReversed().map((name) => rankedOf(name, ['reader', `${name}-*`])),
    rankedOf('glob', ['writer'], Rank.glob),
    rankedOf('a-glob', ['list-007-*'], Rank.glob),
  ]);
  for (const lookup of lookups) {
    test(`are the same, the most specific first, in lookup ${lookup}`, () => {
      const findNames = (role: string) => selection.findAllowing(role).map(({ name }) => name);
      assert.deepEqual(findNames('reader'), NAMES);
      assert.deepEqual(findNames('list-007-writer'), ['list-007', 'a-glob']);
      assert.deepEqual(findNames('other'), []);
    });
  }

  test('follow a change of an allowlist', () => {
    const before = rankedOf('list-007', ['reader', 'list-007-*']);
    selection.replace(before, rankedOf('list-007', ['writer'], Rank.selector));
    const findNames = (role: string) => selection.findAllowing(role).map(({ name }) => name);
    assert.deepEqual(
      findNames('reader'),
      NAMES.filter((name) => name !== 'list-007'),
    );
    assert.deepEqual(findNames('writer'), ['glob', 'list-007']);
    assert.deepEqual(findNames('list-007-writer'), ['a-glob']);
    assert.equal(selection.weight, MANY + 2 + 2 * MANY + 1);
  });
});
