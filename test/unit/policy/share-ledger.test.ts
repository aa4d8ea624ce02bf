import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createShareLedger, type ShareLedger } from '../../../src/policy/share-ledger.ts';
import { propertyRuns } from '../../builders/property-runs.ts';

const SHARE = { listNamePrefix: 'a-', maxEntries: 100, namespaces: ['a', 'a-*'] };
const sizeOf = (entries: number, deniedEntries = 1) => ({ entries, deniedEntries });

suite('the ledger of a share', () => {
  const placesOf = (ledger: ShareLedger, names: readonly string[]) =>
    names.map((name) => `${name} ${ledger.placeOf(name)}`);

  test('takes allowlists up to the bound, and those after it by name are over', () => {
    const ledger = createShareLedger(SHARE);
    assert.deepEqual(ledger.set('c', sizeOf(50)), []);
    assert.deepEqual(ledger.set('a', sizeOf(50)), []);
    assert.deepEqual(ledger.set('b', sizeOf(10)), ['c']);
    assert.deepEqual(placesOf(ledger, ['a', 'b', 'c', 'd']), [
      'a in-force',
      'b in-force',
      'c over',
      'd left-out',
    ]);
    assert.deepEqual(ledger.set('d', sizeOf(1)), ['d']);
    assert.deepEqual(ledger.delete('a'), ['c', 'd']);
    assert.equal(ledger.over().size, 0);
  });

  test('leaves out the last allowlists once even their namespaces take too much', () => {
    const ledger = createShareLedger(SHARE);
    ledger.set('a', sizeOf(101, 20));
    ledger.set('b', sizeOf(20, 5));
    assert.equal(ledger.isFull(), false);
    assert.deepEqual(ledger.set('c', sizeOf(20, 5)), ['c']);
    assert.deepEqual(placesOf(ledger, ['a', 'b', 'c']), ['a over', 'b over', 'c left-out']);
    assert.equal(ledger.isFull(), true);
    assert.deepEqual(ledger.set('d', sizeOf(1)), []);
    assert.deepEqual(ledger.delete('d'), []);
    assert.equal(ledger.entries(), 121);
  });

  test('stays full until a list is complete that has room for all', () => {
    const ledger = createShareLedger(SHARE);
    ledger.set('a', sizeOf(200, 30));
    assert.deepEqual([ledger.isFull(), ledger.entries()], [true, 0]);
    ledger.beginList();
    ledger.set('a', sizeOf(50));
    assert.equal(ledger.isFull(), true);
    ledger.endList();
    assert.equal(ledger.isFull(), false);
  });

  test('finds that a larger allowlist would exceed the bound', () => {
    const ledger = createShareLedger(SHARE);
    ledger.set('a', sizeOf(90));
    assert.equal(ledger.findExceeded('b', sizeOf(10)), undefined);
    assert.deepEqual(ledger.findExceeded('b', sizeOf(11)), {
      ...{ listNamePrefix: 'a-', maxEntries: 100, entries: 101 },
    });
    ledger.set('b', sizeOf(50));
    assert.equal(ledger.findExceeded('b', sizeOf(49)), undefined);
    assert.equal(ledger.findExceeded('b', sizeOf(51))?.entries, 141);
  });

  test('puts each allowlist in the same place, whatever came before it', () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      size: fc.option(
        fc.record({
          entries: fc.integer({ min: 2, max: 60 }),
          deniedEntries: fc.integer({ min: 1, max: 2 }),
        }),
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const ledger = createShareLedger(SHARE);
        const sizes = new Map<string, ReturnType<typeof sizeOf>>();
        const places = new Map<string, string>();
        for (const { name, size } of changes) {
          const moved = size === null ? ledger.delete(name) : ledger.set(name, size);
          if (size === null) {
            sizes.delete(name);
            places.delete(name);
          } else {
            sizes.set(name, size);
            places.set(name, ledger.placeOf(name));
          }
          for (const other of moved.filter((other) => sizes.has(other))) {
            places.set(other, ledger.placeOf(other));
          }
        }
        const compiled = createShareLedger(SHARE);
        for (const [name, size] of [...sizes].reverse()) {
          compiled.set(name, size);
        }
        assert.deepEqual(
          [...sizes.keys()].map((name) => places.get(name)),
          [...sizes.keys()].map((name) => compiled.placeOf(name)),
        );
      }),
      propertyRuns(1000),
    );
  });
});
