// The webhook is replaced, replica by replica, while pods that name a role are being created: nobody notices.
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { allowlist, namespace } from './support/manifests.ts';
import { type PodLoad, startPodLoad } from './support/pod-load.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const LEAST_PODS = 1_000;

suite('a rolling update while pods that name a role are being created', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.apply([
      namespace('payments'),
      allowlist('payments', { namespaces: ['payments'], roles: ['reader'] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
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

  const deployment = `deployment/${RELEASE}`;

  test('a restart refuses none', (t) =>
    expectNoRefusal(t, async () => {
      await cluster.kubectl(['rollout', 'restart', deployment, '-n', NAMESPACE]);
      await cluster.kubectl(['rollout', 'status', deployment, '-n', NAMESPACE, '--timeout=60s']);
    }));

  test('an upgrade with another value refuses none', (t) =>
    expectNoRefusal(t, async () => {
      await cluster.install({ logLevel: 'warn' });
    }));

  test('more replicas, and fewer again, refuse none', (t) =>
    expectNoRefusal(t, async (load) => {
      for (const replicas of [4, 1, 2]) {
        await cluster.kubectl(['scale', deployment, '-n', NAMESPACE, `--replicas=${replicas}`]);
        await cluster.kubectl(['rollout', 'status', deployment, '-n', NAMESPACE, '--timeout=60s']);
        await load.untilMore(100);
      }
    }));

  test('pods of the webhook deleted one after another refuse none', (t) =>
    expectNoRefusal(t, async (load) => {
      const names = await cluster.kubectl([
        'get',
        'pods',
        '-n',
        NAMESPACE,
        '-o',
        'jsonpath={.items[*].metadata.name}',
      ]);
      for (const name of names.split(' ')) {
        await cluster.kubectl(['delete', 'pod', name, '-n', NAMESPACE]);
        await cluster.kubectl(['rollout', 'status', deployment, '-n', NAMESPACE, '--timeout=60s']);
        await load.untilMore(50);
      }
    }));
});
