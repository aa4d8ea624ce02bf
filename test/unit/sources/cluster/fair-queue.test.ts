import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { UndecidedError } from '../../../../src/admission/route.ts';
import { createFairQueue } from '../../../../src/sources/cluster/fair-queue.ts';
import { callerAt } from '../../../builders/caller.ts';

/** Nobody gives up, however slow the machine is. */
const LIMITS = { places: 4, placesPerAddress: 4, firstPlaces: 0, maxWaiting: 10, maxWaitMs: 600_000 };

/** A queue whose work ends when the test says so, and what it has worked on. */
function createWork(limits = LIMITS) {
  const started: string[] = [];
  const running = new Map<string, PromiseWithResolvers<string>>();
  const queue = createFairQueue((key: string) => {
    started.push(key);
    assert.ok(!running.has(key), `${key} is worked on twice at a time`);
    const work = Promise.withResolvers<string>();
    running.set(key, work);
    return work.promise;
  }, limits);

  const settle = async (key: string, end: (work: PromiseWithResolvers<string>) => void) => {
    const work = running.get(key) ?? assert.fail(`${key} is not worked on`);
    running.delete(key);
    end(work);
    await new Promise(setImmediate);
  };
  return {
    started,
    running: () => [...running.keys()],
    /** Resolves to the value, or to the reason for which there is none. */
    ask: (key: string, address: string, caller = callerAt(address)): Promise<string> =>
      queue
        .ask(key, caller)
        .catch((error) => (error instanceof UndecidedError ? error.reason : error.message)),
    finish: (key: string, value = `value of ${key}`) => settle(key, ({ resolve }) => resolve(value)),
    fail: (key: string) => settle(key, ({ reject }) => reject(new Error('failed'))),
  };
}

const keys = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const settled = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]);

suite('the places of a fair queue', () => {
  test('are half free while one address asks for all', () => {
    const { ask, running } = createWork();
    for (const key of keys('a', 6)) {
      void ask(key, 'A');
    }
    assert.deepEqual(running(), ['a0', 'a1']);
  });

  const production = {
    places: 16,
    placesPerAddress: 4,
    firstPlaces: 16,
    maxWaiting: 1_000,
    maxWaitMs: 600_000,
  };
  const flood = ({ ask }: ReturnType<typeof createWork>, addresses: number) => {
    for (const address of keys('attacker-', addresses)) {
      for (const key of keys(`${address}-`, 30)) {
        void ask(key, address);
      }
    }
  };

  for (const addresses of [1, 2, 3, 4, 20]) {
    test(`leave some for others while ${addresses} addresses ask for work that never ends`, () => {
      const work = createWork(production);
      flood(work, addresses);
      void work.ask('honest', 'H');
      assert.equal(work.running().at(-1), 'honest');
      assert.ok(work.running().length <= 32);
    });
  }

  test('are taken by up to 31 addresses only until their first work ends', async () => {
    const work = createWork(production);
    flood(work, 31);
    assert.equal(work.running().length, 32);
    for (const key of work.running()) {
      await work.finish(key);
    }
    void work.ask('honest', 'H');
    assert.equal(work.running().at(-1), 'honest');
  });

  test('are for the newcomers alone beyond their number', () => {
    const { ask, running } = createWork({ ...LIMITS, places: 2, firstPlaces: 2 });
    for (const key of ['a0', 'a1', 'b0', 'b1', 'c0', 'c1', 'd0', 'd1', 'e0']) {
      void ask(key, key.slice(0, 1));
    }
    assert.deepEqual(running(), ['a0', 'b0', 'c0', 'd0']);
  });

  test('go to an address that holds fewer than are free, and to no other', async () => {
    const { ask, finish, started } = createWork({ ...LIMITS, places: 8, maxWaiting: 20 });
    for (const key of keys('a', 8)) {
      void ask(key, 'A');
    }
    for (const key of keys('b', 4)) {
      void ask(key, 'B');
    }
    assert.deepEqual(started, ['a0', 'a1', 'a2', 'a3', 'b0', 'b1']);
    await finish('a0');
    assert.deepEqual(started.slice(6), ['b2']);
    await finish('a1');
    assert.deepEqual(started.slice(7), ['a4']);
  });

  test('are fewer for one address while another waits', async () => {
    const { ask, finish, started } = createWork({
      ...LIMITS,
      places: 16,
      placesPerAddress: 2,
      maxWaiting: 40,
    });
    for (const key of keys('a', 12)) {
      void ask(key, 'A');
    }
    assert.equal(started.length, 8);
    for (const key of keys('b', 12)) {
      void ask(key, 'B');
    }
    assert.deepEqual(started.slice(8), ['b0', 'b1']);
    for (const key of keys('a', 6)) {
      await finish(key);
    }
    assert.deepEqual(started.slice(10), []);
    await finish('a6');
    assert.deepEqual(started.slice(10), ['a8']);
  });

  test('are taken in turn by address, and within an address in the order of arrival', async () => {
    const { ask, finish, started } = createWork({ ...LIMITS, places: 1 });
    void ask('first', 'A');
    for (const [key, address] of [
      ...[['a0', 'A'] as const, ['a1', 'A'] as const, ['a2', 'A'] as const],
      ...[['b0', 'B'] as const, ['b1', 'B'] as const, ['c0', 'C'] as const],
    ]) {
      void ask(key, address);
    }
    for (let turn = 0; turn < 6; turn++) {
      await finish(started.at(-1) ?? '');
    }
    assert.deepEqual(started, ['first', 'a0', 'b0', 'c0', 'a1', 'b1', 'a2']);
  });

  test('are free again after work that failed', async () => {
    const { ask, fail, running } = createWork({ ...LIMITS, places: 1 });
    const answer = ask('a', 'A');
    void ask('b', 'A');
    await fail('a');
    assert.equal(await answer, 'failed');
    assert.deepEqual(running(), ['b']);
  });
});

suite('callers that ask for the same key', () => {
  test('share the work that starts after they asked, whatever their address', async () => {
    const { ask, finish, started } = createWork();
    const first = ask('pod', 'A');
    const later = [ask('pod', 'A'), ask('pod', 'B'), ask('pod', 'C')];
    assert.deepEqual(started, ['pod']);
    await finish('pod', 'old');
    assert.equal(await first, 'old');
    assert.deepEqual(started, ['pod', 'pod']);
    assert.equal(await settled(Promise.race(later)), false);
    await finish('pod', 'new');
    assert.deepEqual(await Promise.all(later), ['new', 'new', 'new']);
  });

  test('do not hold up those of their address that ask for another', () => {
    const { ask, running } = createWork();
    for (const key of ['pod', 'pod', 'pod', 'other']) {
      void ask(key, 'A');
    }
    assert.deepEqual(running(), ['pod', 'other']);
  });

  test('get the value when the first of them has its turn', async () => {
    const { ask, finish, started } = createWork({ ...LIMITS, places: 1 });
    void ask('first', 'A');
    const answers = [ask('a0', 'A'), ask('pod', 'A'), ask('pod', 'B')];
    await finish('first');
    await finish('a0');
    await finish('pod');
    assert.deepEqual(await Promise.all(answers), ['value of a0', 'value of pod', 'value of pod']);
    assert.deepEqual(started, ['first', 'a0', 'pod']);
  });
});

suite('a caller that waits', () => {
  test('gives up after a second, and not if its turn has come', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { ask, finish, running } = createWork({ ...LIMITS, places: 1, maxWaitMs: 1_000 });
    const first = ask('first', 'A');
    const late = ask('late', 'A');
    t.mock.timers.tick(999);
    assert.equal(await settled(late), false);
    t.mock.timers.tick(1);
    assert.equal(await late, 'too-many-bindings');
    t.mock.timers.tick(10_000);
    await finish('first');
    assert.equal(await first, 'value of first');
    assert.deepEqual(running(), []);
  });

  test('loses its place in the queue when it goes', async () => {
    const { ask, finish, started } = createWork({ ...LIMITS, places: 1 });
    void ask('first', 'A');
    const caller = callerAt('B');
    const gone = ask('gone', 'B', caller);
    void ask('next', 'B');
    caller.leave();
    assert.equal(await gone, 'aborted');
    await finish('first');
    assert.deepEqual(started, ['first', 'next']);
  });

  test('keeps the connection of work under way when it goes: its end would cost a new one', async () => {
    const { ask, finish } = createWork();
    const caller = callerAt('A');
    const answer = ask('a', 'A', caller);
    caller.leave();
    await finish('a');
    assert.equal(await answer, 'value of a');
  });

  test('is turned away if the queue is full and no address has more in it', async () => {
    const { ask } = createWork({ ...LIMITS, places: 1 });
    const answers = ['first', ...keys('a', 11)].map((key) => ask(key, 'A'));
    assert.equal(await answers.at(-1), 'too-many-bindings');
    assert.equal(await settled(Promise.race(answers.slice(0, -1))), false);
  });

  test('pushes the newest of the address with the most out of a full queue', async () => {
    const { ask, finish, running } = createWork({ ...LIMITS, places: 1 });
    const answers = ['first', ...keys('a', 10)].map((key) => ask(key, 'A'));
    const honest = ask('b', 'B');
    assert.equal(await answers.at(-1), 'too-many-bindings');
    await finish('first');
    await finish(running()[0] ?? '');
    await finish('b');
    assert.equal(await honest, 'value of b');
  });
});

test('a flood holds no more than half and the queue, and others start at once', async () => {
  const { ask, finish, running } = createWork({
    places: 16,
    placesPerAddress: 4,
    firstPlaces: 16,
    maxWaiting: 500,
    maxWaitMs: 600_000,
  });
  const flood = keys('a', 5_000).map((key) => ask(key, 'A'));
  const refused = (await Promise.all(flood.map(settled))).filter(Boolean).length;
  assert.equal(refused, 5_000 - 8 - 500);
  for (const key of keys('b', 20)) {
    const honest = ask(key, 'B');
    await finish(key);
    assert.equal(await honest, `value of ${key}`);
    assert.equal(running().length, 8);
  }
});
