import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import {
  type AllowlistCache,
  createAllowlistCache,
} from '../../../../src/sources/cluster/allowlist-cache.ts';
import { answerWith, clientOf } from '../../../support/fake-collection.ts';
import { until } from '../../../support/until.ts';

const CONDITION = {
  ...{ type: 'Ready', status: 'True', reason: 'Accepted', message: 'in force' },
  lastTransitionTime: '2026-11-25T10:00:00Z',
};

function object(spec: object, conditions: readonly object[] = [CONDITION]) {
  const metadata = { name: 'list', uid: 'one', generation: 1, resourceVersion: '2' };
  return {
    ...{ apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist', metadata, status: { conditions } },
    spec: { namespaces: ['web'], roles: ['reader'], ...spec },
  };
}

suite('the cache of allowlists', () => {
  let cache: AllowlistCache | undefined;
  let changes = 0;
  let losses = 0;

  afterEach(() => {
    cache?.close();
    changes = 0;
    losses = 0;
  });

  /** An API server that lists one state after another, the last for ever, and ends each watch after its events. */
  function start(states: readonly object[], events: readonly object[] = []): AllowlistCache {
    let listed = 0;
    let isFirstWatch = true;
    const client = clientOf(
      () => {
        const items = [states[Math.min(listed, states.length - 1)]];
        listed += 1;
        return { metadata: { resourceVersion: '1' }, items };
      },
      () => {
        if (!isFirstWatch) {
          return answerWith();
        }
        isFirstWatch = false;
        return answerWith(
          events.map((event) => `${JSON.stringify({ type: 'MODIFIED', object: event })}\n`).join(''),
        );
      },
    );
    cache = createAllowlistCache(
      { client, onHeartbeat: () => undefined, onRestart: () => undefined },
      { maxEntries: 10_000, delegations: [] },
      () => new Promise(() => undefined),
      { onChanges: () => changes++, onStatusLost: () => losses++, onHeld: () => assert.fail() },
    );
    return cache;
  }

  test('sees, once the watch has ended early, what an older schema hid of a list of the same generation', async () => {
    const { allowlists } = start([object({}), object({ serviceAccounts: ['api'] })]);
    await until(
      'the narrower list',
      () => allowlists.get('list')?.allowlist.spec.serviceAccounts !== undefined,
    );
    await until('the news', () => changes === 1);
  });

  test('tells of no change where a list is read again', async () => {
    const { allowlists } = start([object({})], [object({}, [{ ...CONDITION, message: 'other' }])]);
    await until('the other message', () => allowlists.get('list')?.condition?.message === 'other');
    const { allowlist } = allowlists.get('list') ?? {};
    await until('the list anew', () => allowlists.get('list')?.condition?.message === 'in force');
    assert.equal(allowlists.get('list')?.allowlist, allowlist);
    assert.deepEqual([changes, losses], [0, 0]);
  });

  test('keeps as many problems of a list as its status tells', async () => {
    const fields = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field${index}`, 1]));
    const { allowlists } = start([object(fields)]);
    await until('the list', () => allowlists.has('list'));
    assert.equal(allowlists.get('list')?.problems.length, 5);
  });

  test('tells of a condition that somebody took away', async () => {
    start([object({})], [object({}, [])]);
    await until('the loss', () => losses === 1);
    assert.equal(changes, 0);
  });
});
