import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPath, walkMaps } from '../../../src/admission/workloads/walk-maps.ts';

const OBJECT = { a: { b: [{ c: 1 }, [{ d: {} }], null, 'text'] }, e: {} };

suite('walkMaps', () => {
  const cases = [
    {
      name: 'all maps in the order in which they are written',
      object: OBJECT,
      skipped: '',
      paths: ['a', 'a.b[0]', 'a.b[1][0]', 'a.b[1][0].d', 'e'],
    },
    { name: 'none under a key that is not entered', object: OBJECT, skipped: 'b', paths: ['a', 'e'] },
    { name: 'none in a list', object: [{ a: {} }], skipped: '', paths: [] },
    { name: 'none in a text', object: 'text', skipped: '', paths: [] },
  ];

  for (const { name, object, skipped, paths } of cases) {
    test(`walks through ${name}`, () => {
      const walked = [...walkMaps(object, (key) => key !== skipped)];
      assert.deepEqual(
        walked.map(({ step }) => formatPath(step)),
        paths,
      );
    });
  }

  test('lists the keys of a map once, since that takes longest with a large one', () => {
    let listings = 0;
    const large = new Proxy(
      { a: 1, b: {} },
      {
        ownKeys(target) {
          listings += 1;
          return Reflect.ownKeys(target);
        },
      },
    );
    assert.deepEqual(
      [...walkMaps({ large }, () => true)].map(({ keys }) => keys),
      [['a', 'b'], []],
    );
    assert.equal(listings, 1);
  });
});

suite('formatPath', () => {
  const pathTo = (keys: readonly string[]) => {
    const object = keys.reduceRight((child: object, key) => ({ [key]: child }), {});
    return [...walkMaps(object, () => true)].map(({ step }) => formatPath(step)).at(-1);
  };
  const LONG = 'k'.repeat(100_000);

  const cases = [
    { name: 'a short way whole', keys: ['spec', 'a'], path: 'spec.a' },
    { name: 'the end of a long way', keys: Array(20).fill('a'), path: `…${'.a'.repeat(12)}` },
    { name: 'the beginning of a long key', keys: ['spec', LONG], path: `spec.${'k'.repeat(79)}…` },
  ];

  for (const { name, keys, path } of cases) {
    test(`shows ${name}`, () => {
      assert.equal(pathTo(keys), path);
    });
  }
});
