import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrdReading } from '../../../../src/sources/cluster/crd-check.ts';
import { createDeletions, type Deletions } from '../../../../src/sources/cluster/deletions.ts';
import { until } from '../../../support/until.ts';

type State = CrdReading['state'];

const SERVED = {
  ...({ kind: 'found', isTerminating: false, uid: 'one', version: 1 } as const),
  isDiscardAsked: false,
};
const TERMINATING: State = { ...SERVED, isTerminating: true };
const RECREATED: State = { ...SERVED, uid: 'two' };
const GONE: State = { kind: 'gone', problem: '' };
const UNKNOWN: State = { kind: 'unknown', problem: '' };
const UNREADABLE: State = { kind: 'unreadable', problem: '' };
const DAY_MS = 86_400_000;

suite('deletions of allowlists', () => {
  let state: State;
  let reads: number;
  let deleted: string[];
  let events: string[];
  let deletions: Deletions;
  let work: () => void;
  let pauseMs: number;

  beforeEach(async () => {
    state = SERVED;
    reads = 0;
    deleted = [];
    events = [];
    work = () => undefined;
    pauseMs = 10;
    let begunAt = Number.NEGATIVE_INFINITY;
    const read = async (): Promise<CrdReading> => {
      await sleep(Math.max(0, begunAt + pauseMs - performance.now()));
      reads += 1;
      begunAt = performance.now();
      return { begunAt, state };
    };
    deletions = createDeletions(read, {
      onDeleted: (name) => {
        deleted.push(name);
        work();
        return () => deleted.splice(deleted.indexOf(name), 1);
      },
      onHeld: (change, names) => events.push(`${change} ${names.join()}`),
    });
    deletions.endList();
    await until('the first reading', () => reads > 0);
  });

  afterEach(() => deletions.close());

  const heldNames = () => [...deletions.held.keys()];

  test('count within 100 ms, but not at once, while the CRD is served', async () => {
    const startedAt = performance.now();
    deletions.add('a');
    deletions.add('a');
    await sleep(30);
    assert.deepEqual(deleted, []);
    await until('the deletion', () => deleted.length === 1);
    assert.ok(performance.now() - startedAt < 100);
    deletions.add('b');
    await until('the next', () => deleted.length === 2);
    assert.deepEqual([deleted, heldNames(), events], [['a', 'b'], [], []]);
  });

  test('do not count after the allowlist was created again', async () => {
    deletions.add('a');
    deletions.add('b');
    deletions.cancel('a');
    await until('the other one', () => deleted.length === 1);
    assert.deepEqual([deleted, events], [['b'], []]);
  });

  test('count within 100 ms although the CRD is read a second apart', async () => {
    pauseMs = 1_000;
    deletions.add('a');
    await until('the deletion', () => deleted.length === 1);
    for (const name of ['b', 'c', 'd']) {
      const startedAt = performance.now();
      deletions.add(name);
      await until('the next', () => deleted.includes(name));
      assert.ok(performance.now() - startedAt < 100);
      await sleep(100);
    }
    const before = reads;
    await until('a later reading', () => reads > before);
    assert.deepEqual([deleted, events], [['a', 'b', 'c', 'd'], []]);
  });

  test('are undone if the CRD was deleted between two readings', async () => {
    pauseMs = 1_000;
    deletions.add('a');
    const before = reads;
    await until('its confirmation', () => deleted.length === 1 && reads > before);
    state = TERMINATING;
    deletions.add('b');
    deletions.add('c');
    await until('the next', () => deleted.length === 3);
    deletions.cancel('c');
    await until('the hold', () => heldNames().length === 1);
    assert.deepEqual([deleted, heldNames(), events], [['a', 'c'], ['b'], ['held b']]);
  });

  for (const [how, found] of Object.entries({
    'is being deleted': TERMINATING,
    'is gone': GONE,
    'is another one than that of the last list': RECREATED,
  })) {
    test(`are held if the CRD ${how}`, async () => {
      state = found;
      deletions.add('a');
      deletions.add('b');
      await until('the hold', () => heldNames().length === 2);
      await sleep(100);
      assert.deepEqual([deleted, events], [[], ['held a,b']]);
    });
  }

  test('that a list shows are held, and later ones are not', async () => {
    state = RECREATED;
    deletions.add('a');
    deletions.endList();
    await until('the hold', () => heldNames().length === 1);
    deletions.add('b');
    await until('the deletion', () => deleted.length === 1);
    assert.deepEqual([deleted, heldNames()], [['b'], ['a']]);
  });

  test('are no longer held after the allowlist is restored', async () => {
    state = GONE;
    deletions.add('a');
    deletions.add('b');
    await until('the hold', () => heldNames().length === 2);
    deletions.cancel('a');
    assert.deepEqual([heldNames(), deleted, events.at(-1)], [['b'], [], 'restored a']);
  });

  test('wait until the API server answers about the CRD', async () => {
    state = UNKNOWN;
    await sleep(1_000);
    deletions.add('a');
    await sleep(150);
    assert.deepEqual([deleted, events], [[], []]);
    state = GONE;
    await until('the hold', () => heldNames().length === 1);
  });

  test('count if the server has no right to read the CRD', async () => {
    state = UNREADABLE;
    deletions.add('a');
    await until('the deletion', () => deleted.length === 1);
    assert.deepEqual(events, []);
  });

  test('are discarded by the annotation, within seconds', async () => {
    state = TERMINATING;
    deletions.add('a');
    await until('the hold', () => heldNames().length === 1);
    state = { ...RECREATED, isDiscardAsked: true };
    await until('the end', () => deleted.length === 1);
    assert.deepEqual([heldNames(), events], [[], ['held a', 'discarded a']]);
  });

  test('are never held while the annotation is there', async () => {
    state = { ...TERMINATING, isDiscardAsked: true };
    deletions.add('a');
    await until('the deletion', () => deleted.length === 1);
    state = GONE;
    deletions.add('b');
    await until('the next', () => deleted.length === 2);
    assert.deepEqual(events, []);
  });

  test('count after a day', async (t) => {
    state = GONE;
    deletions.add('a');
    await until('the hold', () => heldNames().length === 1);
    const { now } = performance;
    let ahead = DAY_MS - 60_000;
    t.mock.method(performance, 'now', () => now.call(performance) + ahead);
    const before = reads;
    await until('a review', () => reads > before);
    assert.deepEqual(deleted, []);
    ahead = DAY_MS;
    await until('the end', () => deleted.length === 1);
    assert.deepEqual(events, ['held a', 'discarded a']);
  });

  test('do not count after the close', async () => {
    deletions.add('a');
    deletions.close();
    await sleep(120);
    assert.deepEqual(deleted, []);
  });

  test('that take long together leave other work its turns', async () => {
    const turns = new Set<number>();
    let turn = 0;
    const ticking = setInterval(() => turn++, 0);
    work = () => {
      turns.add(turn);
      const end = performance.now() + 4;
      while (performance.now() < end) {
        // Nothing else gets its turn.
      }
    };
    for (let index = 0; index < 40; index++) {
      deletions.add(`list-${index}`);
    }
    await until('all', () => deleted.length === 40);
    clearInterval(ticking);
    assert.ok(turns.size >= 5, `${turns.size} turns`);
  });
});
