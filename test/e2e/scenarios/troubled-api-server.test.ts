// The API server is in trouble, or the way to it: replicas go on deciding by the lists they last knew, stay ready, tell
// of it in their metrics, and catch up by themselves.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type FaultyProxy, startFaultyProxy } from '../harness/faulty-proxy.ts';
import { waitFor } from '../harness/wait-for.ts';
import { governPayments } from './support/govern-payments.ts';
import { attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, pod } from './support/manifests.ts';
import { listReplicas, type Replica } from './support/replicas.ts';
import { WATCH_ANSWERS } from './support/watch-answers.ts';
import { startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const LISTS = '/ramroleallowlists';
/** Allowlists and namespaces, of two replicas. */
const WATCHES = 4;

suite('a troubled API server', () => {
  let cluster: WebhookCluster;
  let proxy: FaultyProxy;
  let replicas: readonly Replica[];
  let made = 0;

  before(async () => {
    cluster = await startBareCluster();
    proxy = await startFaultyProxy(cluster.controlPlane);
    cluster.serviceProxy.setApiServer(proxy.address);
    await cluster.install();
    await governPayments(cluster);
    replicas = await listReplicas(cluster);
    assert.equal(replicas.length, 2);
    await watchesAreOpen();
  });

  after(async () => {
    await cluster?.stop();
    await proxy?.stop();
  });

  const watchesAreOpen = () => waitFor('every watch', () => proxy.openWatches() === WATCHES);

  const isAllowed = async ({ review }: Replica, namespaceName: string, role: string) =>
    (await review('/validate-pods', namespaceName, pod('app', namespaceName, role))).allowed;

  /** By the lists of before, on each replica. */
  async function stillDecide(): Promise<void> {
    for (const replica of replicas) {
      assert.equal(await replica.probe('/readyz'), 'ok');
      assert.equal(await isAllowed(replica, 'payments', 'reader'), true);
      assert.equal(await isAllowed(replica, 'payments', 'writer'), false);
    }
  }

  /** A new list arrives at each replica, and goes again. */
  async function catchUp(): Promise<void> {
    const name = `list-${made++}`;
    await cluster.apply([allowlist(name, { namespaces: ['payments'], roles: [name] })]);
    for (const replica of replicas) {
      await waitFor(`${name} at ${replica.name}`, () => isAllowed(replica, 'payments', name));
    }
    await cluster.kubectl(['delete', 'rral', name]);
    for (const replica of replicas) {
      await waitFor(
        `the end of ${name} at ${replica.name}`,
        async () => !(await isAllowed(replica, 'payments', name)),
      );
    }
  }

  const restarts = async (reason: string) => {
    const counts = await Promise.all(
      replicas.map(({ metric }) => metric('watch_restarts_total', { reason })),
    );
    return counts.reduce((total, count) => total + count, 0);
  };

  const lastContacts = () =>
    Promise.all(replicas.map(({ metric }) => metric('watch_last_contact_timestamp_seconds')));

  test('in good times every replica is in contact, and nothing was begun anew', async () => {
    await catchUp();
    const now = Date.now() / 1000;
    for (const contact of await lastContacts()) {
      assert.ok(now - contact < 60, `${now - contact} s ago`);
    }
    assert.equal(await restarts('connection'), 0);
  });

  test('watches are cut', async () => {
    assert.equal(proxy.cutWatches(), WATCHES);
    await stillDecide();
    await catchUp();
    await waitFor('all to be counted', async () => (await restarts('connection')) >= WATCHES);
    await watchesAreOpen();
  });

  test('an event is cut in the middle', async () => {
    const before = await restarts('connection');
    proxy.truncateNextEvent();
    await catchUp();
    assert.ok((await restarts('connection')) > before);
    await watchesAreOpen();
  });

  for (const { status, reason } of WATCH_ANSWERS) {
    test(`watches are answered ${status}, several times`, async () => {
      const before = await restarts(reason);
      proxy.answerNext({ verb: 'watch', status, count: 4, path: LISTS });
      proxy.cutWatches();
      await waitFor('the answers', async () => (await restarts(reason)) === before + 4);
      await stillDecide();
      await catchUp();
      await watchesAreOpen();
    });
  }

  test('a watch is told 410 by an event, and the list that follows fails too', async () => {
    const before = { expired: await restarts('expired'), failed: await restarts('server-error') };
    proxy.answerNext({ verb: 'watch', status: 410, count: 2, path: LISTS, asEvent: true });
    proxy.answerNext({ verb: 'list', status: 500, count: 2, path: LISTS });
    proxy.cutWatches();
    await waitFor('the answers', async () => (await restarts('server-error')) === before.failed + 2);
    assert.equal(await restarts('expired'), before.expired + 2);
    await stillDecide();
    await catchUp();
    await watchesAreOpen();
  });

  test('what was deleted meanwhile is gone once it is listed anew', async () => {
    await cluster.apply([allowlist('brief', { namespaces: ['payments'], roles: ['brief'] })]);
    for (const replica of replicas) {
      await waitFor('the list', () => isAllowed(replica, 'payments', 'brief'));
    }
    proxy.goSilent();
    try {
      await cluster.kubectl(['delete', 'rral', 'brief']);
    } finally {
      proxy.answerNext({ verb: 'watch', status: 410, count: 2, path: LISTS });
      proxy.resume();
      proxy.cutWatches();
    }
    for (const replica of replicas) {
      await waitFor('its end', async () => !(await isAllowed(replica, 'payments', 'brief')));
    }
    await watchesAreOpen();
  });

  test('the way to it falls silent: contact ages, decisions go on, pods are created', async () => {
    const before = await lastContacts();
    proxy.goSilent();
    try {
      await cluster.apply([allowlist('unheard', { namespaces: ['payments'], roles: ['unheard'] })]);
      await stillDecide();
      assert.equal((await attemptApply(cluster, pod('silent', 'payments', 'reader'))).error, '');
      assert.match(
        (await attemptApply(cluster, pod('silent-refused', 'payments', 'unheard'))).error,
        /is not allowed/,
      );
      assert.deepEqual(await lastContacts(), before);
    } finally {
      proxy.resume();
      proxy.cutWatches();
    }
    for (const replica of replicas) {
      await waitFor('what was missed', () => isAllowed(replica, 'payments', 'unheard'));
    }
    for (const [index, contact] of (await lastContacts()).entries()) {
      assert.ok(contact > (before[index] ?? 0));
    }
    await watchesAreOpen();
  });

  test('it is stopped and started again', async () => {
    await cluster.controlPlane.stopApiServer();
    await stillDecide();
    await cluster.controlPlane.startApiServer();
    await catchUp();
    await waitFor('the creation of a pod', async () => {
      const { succeeded } = await attemptApply(cluster, pod('restarted', 'payments', 'reader'));
      return succeeded;
    });
    assert.deepEqual(
      (await listReplicas(cluster)).map(({ name }) => name),
      replicas.map(({ name }) => name),
    );
  });
});
