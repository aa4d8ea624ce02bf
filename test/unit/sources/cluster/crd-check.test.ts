import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ApiError } from '../../../../src/kubernetes/client.ts';
import { createLoggerTo } from '../../../../src/observability/logger.ts';
import { type CrdCheck, startCrdCheck } from '../../../../src/sources/cluster/crd-check.ts';
import type { Cleanup } from '../../../support/cleanup.ts';
import { until } from '../../../support/until.ts';

type Call = () => Promise<unknown>;

function start(t: Cleanup, call: Call, onChecked: (isOutdated: boolean) => void = () => undefined) {
  const log: string[] = [];
  const logger = createLoggerTo({ write: (line) => log.push(line) }, 'info');
  const check: CrdCheck = startCrdCheck({ call }, onChecked, logger);
  t.after(check.close);
  return { ...check, log };
}

const crd = (metadata: object) => async () => ({
  metadata: { uid: 'one', annotations: { 'eci-ram-role.io/schema-version': '99' }, ...metadata },
});

suite('the check of the CRD', () => {
  test("has a note without the API server's text if it cannot be read; the log has the text", async (t) => {
    const call = () => Promise.reject(new ApiError(403, 'User "webhook" cannot get it'));
    const { notes, log } = start(t, call, () => assert.fail());
    await until('a note', () => notes().length === 1);
    assert.deepEqual(notes(), [
      'the CustomResourceDefinition of RamRoleAllowlist cannot be read; see the log',
    ]);
    assert.deepEqual(
      log.map((line) => JSON.parse(line).problem),
      ['User "webhook" cannot get it'],
    );
  });

  const NONE: Call = () => Promise.reject(new Error('refused'));
  for (const { name, call, state } of [
    {
      name: 'served',
      call: crd({}),
      state: { kind: 'found', isTerminating: false, uid: 'one', version: 99, isDiscardAsked: false },
    },
    {
      name: 'being deleted, with the annotation',
      call: crd({
        deletionTimestamp: '2026-11-29T00:00:00Z',
        annotations: { 'eci-ram-role.io/discard-held-allowlists': '' },
      }),
      state: { kind: 'found', isTerminating: true, uid: 'one', version: 0, isDiscardAsked: true },
    },
    {
      name: 'gone',
      call: () => Promise.reject(new ApiError(404, 'none')),
      state: { kind: 'gone', problem: 'none' },
    },
    {
      name: 'unreadable',
      call: () => Promise.reject(new ApiError(403, 'no')),
      state: { kind: 'unreadable', problem: 'no' },
    },
    { name: 'unknown', call: NONE, state: { kind: 'unknown', problem: 'refused' } },
  ]) {
    test(`finds it ${name}`, async (t) => {
      assert.deepEqual((await start(t, call).read()).state, state);
    });
  }

  test('shares calls, and makes at most one a second', async (t) => {
    const calls: number[] = [];
    const { read } = start(t, async () => {
      calls.push(performance.now());
      return crd({})();
    });
    await until('the first call', () => calls.length === 1);
    const asked = performance.now();
    const readings = await Promise.all([read(), read(), read()]);
    assert.ok(readings.every(({ begunAt }) => begunAt >= asked));
    await read();
    const [first = 0, second = 0, third = 0, ...others] = calls;
    assert.ok(second - first >= 990 && third - second >= 990, calls.join());
    assert.deepEqual(others, []);
  });

  test('is usable only when the CRD is not being deleted', async (t) => {
    let metadata: object = { deletionTimestamp: '2026-11-29T00:00:00Z' };
    let isUsable = false;
    const { usable, notes } = start(t, () => crd(metadata)());
    void usable.then(() => {
      isUsable = true;
    });
    await until('the note', () => notes().length === 1);
    assert.match(notes().join(), /is being deleted/);
    assert.equal(isUsable, false);
    metadata = {};
    await usable;
    assert.deepEqual(notes(), []);
  });
});
