import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { pathOf, walkJson } from '../../../src/json/json.ts';

const MANY_KEYS = 100;

const OBJECT = { a: { b: [{ c: 1 }, [{ d: {} }], null, 'text'] }, e: {} };

function paths(root: unknown, isEntered?: (key: string) => boolean): readonly string[] {
  return [...walkJson(root, isEntered)].map((node) => pathOf(node, MANY_KEYS).join('.'));
}

suite('walkJson', () => {
  const cases = [
    {
      name: 'all objects and arrays in the order in which they are written, the root first',
      root: OBJECT,
      skipped: '',
      visited: ['', 'a', 'a.b', 'a.b.0', 'a.b.1', 'a.b.1.0', 'a.b.1.0.d', 'e'],
    },
    { name: 'nothing under a key that is not entered', root: OBJECT, skipped: 'b', visited: ['', 'a', 'e'] },
    { name: 'an array', root: [1, [], { a: {} }], skipped: '', visited: ['', '1', '2', '2.a'] },
    { name: 'no text', root: 'text', skipped: '', visited: [] },
    { name: 'no null', root: null, skipped: '', visited: [] },
    {
      name: 'an own key of the prototype',
      root: JSON.parse('{"__proto__":{"a":{}}}'),
      skipped: '',
      visited: ['', '__proto__', '__proto__.a'],
    },
  ];

  for (const { name, root, skipped, visited } of cases) {
    test(`visits ${name}`, () => {
      assert.deepEqual(
        paths(root, (key) => key !== skipped),
        visited,
      );
    });
  }

  test('visits what is nested deeper than a recursion can go', () => {
    const depth = 200_000;
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    let root: unknown = deep;
    for (let level = 5_000; level < depth; level++) {
      root = [root];
    }
    assert.equal([...walkJson(root)].length, depth);
  });

  test('lists the keys of an object once, and only when it is visited', () => {
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
    const walk = walkJson({ large });
    walk.next();
    assert.equal(listings, 0);
    assert.deepEqual(
      [...walk].map(({ keys }) => keys),
      [['a', 'b'], []],
    );
    assert.equal(listings, 1);
  });
});

suite('pathOf', () => {
  test('gives no more than the last keys that are asked for', () => {
    const last = [...walkJson({ a: [{ b: {} }] })].at(-1);
    assert.ok(last);
    assert.deepEqual(
      [pathOf(last, MANY_KEYS), pathOf(last, 2)],
      [
        ['a', 0, 'b'],
        [0, 'b'],
      ],
    );
  });
});
