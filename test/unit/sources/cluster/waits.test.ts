import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWaits } from '../../../../src/sources/cluster/waits.ts';

const never = () => false;

/** Longer than the server's, so that a busy machine does not end a wait. */
const WAIT_MS = 1_000;
/** Less than a wait, and more than anything else takes. */
const AT_ONCE_MS = 800;

/** How long something takes, in milliseconds. */
async function timed(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await promise;
  return performance.now() - startedAt;
}

suite('requests that wait for events', () => {
  test('end their wait after 300 ms if nothing comes', async () => {
    const ms = await timed(createWaits().waitUntil('payments', never));
    assert.ok(ms >= 200, `${ms} ms`);
  });

  test('end their wait if the answer takes long, which each change would take again', async () => {
    const waits = createWaits(WAIT_MS);
    const waiting = timed(
      waits.waitUntil('payments', () => {
        const startedAt = performance.now();
        while (performance.now() - startedAt < 25) {
          // As a decision that is a lot of work.
        }
        return false;
      }),
    );
    waits.wake();
    assert.ok((await waiting) < AT_ONCE_MS);
  });

  test('end their wait with the change that they wait for, and not with another', async () => {
    const waits = createWaits(WAIT_MS);
    let known = 0;
    const waiting = timed(waits.waitUntil('payments', () => known === 2));
    known = 1;
    waits.wake();
    await sleep(20);
    known = 2;
    waits.wake();
    assert.ok((await waiting) < AT_ONCE_MS);
  });

  test('are asked again when a change comes while they are asked', async () => {
    const waits = createWaits(WAIT_MS);
    let asked = 0;
    const waiting = timed(
      waits.waitUntil('payments', async () => {
        asked += 1;
        if (asked === 1) {
          waits.wake();
          await sleep(1);
        }
        return asked === 2;
      }),
    );
    waits.wake();
    assert.ok((await waiting) < AT_ONCE_MS);
  });

  test('are not asked about a change of another namespace', async () => {
    const waits = createWaits(WAIT_MS);
    let asked = 0;
    const waiting = waits.waitUntil('payments', () => {
      asked += 1;
      return false;
    });
    waits.wake('web');
    await waiting;
    assert.equal(asked, 0);
    const other = timed(waits.waitUntil('payments', () => true));
    waits.wake('payments');
    assert.ok((await other) < AT_ONCE_MS);
  });

  test('fail if the question fails, and keep no other waiting', async () => {
    const waits = createWaits(WAIT_MS);
    const failing = waits.waitUntil('payments', () => {
      throw new Error('a bug');
    });
    const other = timed(waits.waitUntil('payments', () => true));
    waits.wake();
    await assert.rejects(failing, /a bug/);
    assert.ok((await other) < AT_ONCE_MS);
  });

  /** How many of these have to wait. */
  async function countWaiting(namespaces: readonly string[]): Promise<number> {
    const waits = createWaits(WAIT_MS);
    const times = await Promise.all(namespaces.map((namespace) => timed(waits.waitUntil(namespace, never))));
    return times.filter((ms) => ms > AT_ONCE_MS).length;
  }

  test('are at most 16 for one namespace; those beyond do not wait', async () => {
    assert.equal(await countWaiting(Array.from({ length: 20 }, () => 'payments')), 16);
  });

  test('are at most 64 in all; those beyond do not wait', async () => {
    assert.equal(await countWaiting(Array.from({ length: 80 }, (_, index) => `namespace-${index}`)), 64);
  });

  test('give their place away when their wait ends', async () => {
    const waits = createWaits(WAIT_MS);
    await Promise.all(Array.from({ length: 16 }, () => waits.waitUntil('payments', never)));
    assert.ok((await timed(waits.waitUntil('payments', never))) > AT_ONCE_MS);
  });

  test('are asked one in a turn of the event loop', async () => {
    const waits = createWaits(WAIT_MS);
    const turns: number[] = [];
    let turn = 0;
    const countTurns = () => {
      turn += 1;
      if (turns.length < 8) {
        setImmediate(countTurns);
      }
    };
    setImmediate(countTurns);
    const waiting = Array.from({ length: 8 }, () =>
      waits.waitUntil('payments', () => {
        turns.push(turn);
        return true;
      }),
    );
    waits.wake();
    await Promise.all(waiting);
    assert.equal(new Set(turns).size, 8, turns.join());
  });
});
