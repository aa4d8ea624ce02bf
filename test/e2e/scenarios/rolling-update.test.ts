// The webhook is replaced, replica by replica, while pods that name a role are being created: nobody notices.
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { governPayments } from './support/govern-payments.ts';
import { type PodLoad, startPodLoad } from './support/pod-load.ts';
import { serverPods } from './support/server-certificates.ts';
import { NAMESPACE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { restartWebhook, scaleWebhook, untilRolledOut } from './support/webhook-rollout.ts';

const LEAST_PODS = 1_000;

suite('a rolling update while pods that name a role are being created', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await governPayments(cluster);
  });

  after(() => cluster?.stop());

  async function expectNoRefusal(t: TestContext, replace: (load: PodLoad) => Promise<void>): Promise<void> {
    await using load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
    await load.untilMore(50);
    await replace(load);
    await load.untilMore(Math.max(50, LEAST_PODS - load.result().created));
    const { created, refusals, unanswered, longestMs } = await load.stop();
    t.diagnostic(`${created} pods created, ${refusals.length} refused, the slowest in ${longestMs} ms`);
    assert.deepEqual({ refusals, unanswered }, { refusals: [], unanswered: [] });
  }

  test('a restart refuses none', (t) => expectNoRefusal(t, () => restartWebhook(cluster)));

  test('an upgrade with another value refuses none', (t) =>
    expectNoRefusal(t, async () => {
      await cluster.install({ logLevel: 'warn' });
    }));

  test('more replicas, and fewer again, refuse none', (t) =>
    expectNoRefusal(t, async (load) => {
      for (const replicas of [4, 1, 2]) {
        await scaleWebhook(cluster, replicas);
        await load.untilMore(100);
      }
    }));

  test('pods of the webhook deleted one after another refuse none', (t) =>
    expectNoRefusal(t, async (load) => {
      for (const { metadata } of await serverPods(cluster.controlPlane.client)) {
        await cluster.kubectl(['delete', 'pod', metadata.name, '-n', NAMESPACE]);
        await untilRolledOut(cluster);
        await load.untilMore(50);
      }
    }));
});
