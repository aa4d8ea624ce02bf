import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { ApiError } from '../../../src/kubernetes/client.ts';
import { isStale, type StatusEntry } from '../../../src/kubernetes/ready-condition.ts';
import {
  createStatusWriter,
  type StatusTimings,
  type StatusWriter,
} from '../../../src/kubernetes/status-writer.ts';

const READINESS = { status: 'True', reason: 'Accepted', message: 'in force' } as const;
const CONDITION = {
  ...READINESS,
  ...{ statusGeneration: 1, isStalled: false },
  ...{ observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z' },
};
const PATIENT: StatusTimings = {
  ...{ maxJitterMs: 5, minIntervalMs: 60_000, minChangeIntervalMs: 60_000, repeatIntervalMs: 60_000 },
  ...{ reviewIntervalMs: 60_000, pauseFactor: 0 },
};
const LONG_ENOUGH_MS = 150;

function entry(name: string, change: Partial<StatusEntry> = {}): StatusEntry {
  return { name, uid: name, generation: 1, readiness: READINESS, condition: undefined, ...change };
}

suite('the status writer', () => {
  let writer: StatusWriter | undefined;
  let entries: StatusEntry[] = [];
  let calls: string[] = [];
  let answer: () => Promise<unknown> = async () => ({});

  afterEach(() => {
    writer?.close();
    entries = [];
    calls = [];
    answer = async () => ({});
  });

  function start(timings: Partial<StatusTimings> = {}): StatusWriter {
    const client = {
      call: ({ path }: { path: string }) => {
        calls.push(path.split('/').at(-2) ?? '');
        return answer();
      },
      open: () => Promise.reject(new Error('not called')),
    };
    const logger = pino({ level: 'silent' });
    const assess = async () => ({
      stale: entries.filter(isStale),
      uids: new Set(entries.map(({ uid }) => uid)),
    });
    writer = createStatusWriter(client, assess, logger, { ...PATIENT, ...timings });
    return writer;
  }

  async function eventually(isTrue: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!isTrue()) {
      assert.ok(performance.now() < deadline, `calls: ${calls.join(', ')}`);
      await sleep(5);
    }
  }

  /** However slow the machine is: what is expected has come, and nothing more follows it. */
  async function settlesWith(expected: readonly string[]): Promise<void> {
    await eventually(() => calls.length >= expected.length);
    await sleep(LONG_ENOUGH_MS);
    assert.deepEqual(calls, expected);
  }

  test('writes nothing once it is closed, whatever is requested', async () => {
    const writer = start();
    entries = [entry('a'), entry('b')];
    answer = async () => writer.close();
    writer.request();
    await eventually(() => calls.length === 1);
    writer.request();
    await sleep(LONG_ENOUGH_MS);
    assert.deepEqual(calls, ['a']);
  });

  test('writes what a status lacks, and only that', async () => {
    entries = [
      entry('new'),
      entry('right', { condition: CONDITION }),
      entry('changed', { generation: 2, condition: CONDITION }),
    ];
    start().request();
    await settlesWith(['new', 'changed']);
  });

  test('writes once for many requests', async () => {
    entries = [entry('new')];
    const { request } = start();
    for (let turn = 0; turn < 10; turn += 1) {
      request();
    }
    await settlesWith(['new']);
    request();
    await settlesWith(['new']);
  });

  test('sees what is requested while it writes', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    answer = () => promise;
    entries = [entry('first')];
    const { request } = start();
    request();
    await settlesWith(['first']);
    entries = [entry('first', { condition: CONDITION }), entry('second')];
    request();
    await settlesWith(['first']);
    resolve({});
    await settlesWith(['first', 'second']);
  });

  test('keeps no list waiting for one that has just been written', async () => {
    entries = [entry('first')];
    const { request } = start();
    request();
    await settlesWith(['first']);
    entries = [entry('first', { generation: 2 }), entry('second')];
    request();
    await settlesWith(['first', 'second']);
    entries = [...entries, entry('third')];
    request();
    await settlesWith(['first', 'second', 'third']);
  });

  test('writes a list that was made anew under its name', async () => {
    entries = [entry('list', { uid: 'one' })];
    const { request } = start();
    request();
    await settlesWith(['list']);
    entries = [entry('list', { uid: 'two' })];
    request();
    await settlesWith(['list', 'list']);
  });

  test('puts back a status that was wiped, and does not chase one that was replaced', async () => {
    const other = { ...CONDITION, message: 'from another version' };
    entries = [entry('wiped'), entry('replaced')];
    const { request } = start({ minIntervalMs: LONG_ENOUGH_MS });
    request();
    await settlesWith(['wiped', 'replaced']);
    entries = [entry('wiped', { condition: CONDITION }), entry('replaced', { condition: other })];
    request();
    await settlesWith(['wiped', 'replaced']);
    entries = [entry('wiped'), entry('replaced', { condition: other })];
    request();
    await eventually(() => calls.length > 2);
    assert.ok(!calls.slice(2).includes('replaced'));
  });

  test('comes back by itself for a status that could not be written', async () => {
    entries = [entry('list', { generation: 2, condition: CONDITION })];
    answer = () => Promise.reject(new ApiError(500, 'no luck'));
    start({ minIntervalMs: 20 }).request();
    await eventually(() => calls.length > 1);
  });

  test('comes back by itself for a list that changed soon after it was written', async () => {
    entries = [entry('list')];
    const { request } = start({ minChangeIntervalMs: 3 * LONG_ENOUGH_MS });
    request();
    await eventually(() => calls.length === 1);
    entries = [entry('list', { generation: 2, condition: CONDITION })];
    request();
    await settlesWith(['list', 'list']);
  });
});
