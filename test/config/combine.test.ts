import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { combine, Problems } from '../../src/config/combine.ts';

suite('combine', () => {
  test('returns the fields, frozen, where each holds a value', () => {
    const combined = combine({ port: 1, file: undefined, nested: combine({ name: 'a' }) });
    assert.deepEqual(combined, { port: 1, file: undefined, nested: { name: 'a' } });
    assert(Object.isFrozen(combined));
  });

  test('tells the problems of all fields, nested ones too, in their order', () => {
    const nested = combine({ first: new Problems(['b', 'c']), second: 1, third: new Problems(['d']) });
    assert.deepEqual(
      combine({ before: new Problems(['a']), nested, after: new Problems(['e']), good: 2 }),
      new Problems(['a', 'b', 'c', 'd', 'e']),
    );
  });
});
