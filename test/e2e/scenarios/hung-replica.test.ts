// A replica that hangs, so that its connections are accepted and nothing is answered, leaves the Service within ten seconds.
import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, suite, test } from 'node:test';
import { isReady, type Pod } from '../harness/kubernetes-objects.ts';
import { waitFor } from '../harness/wait-for.ts';
import { governPayments } from './support/govern-payments.ts';
import { startPodLoad } from './support/pod-load.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

/** How long a replica that hangs may still be called. */
const LIMIT_MS = 10_000;

suite('a replica that hangs', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await governPayments(cluster);
  });

  after(() => cluster?.stop());

  async function listPods(): Promise<readonly Pod[]> {
    const selector = encodeURIComponent(`app.kubernetes.io/instance=${RELEASE}`);
    const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${selector}`;
    return (await cluster.controlPlane.client.send<{ items: readonly Pod[] }>('GET', path)).items;
  }

  /** The node agent names the process of a container in its id. */
  function processOf({ status }: Pod): number {
    const [, pid] = /^process:\/\/(\d+)$/.exec(status?.containerStatuses?.[0]?.containerID ?? '') ?? [];
    return Number(pid ?? assert.fail('no process'));
  }

  test('gets no calls after ten seconds, and from then on no pod is rejected', async () => {
    const [pod = assert.fail('no pod')] = await listPods();
    const pid = processOf(pod);
    await using load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
    await load.untilMore(20);
    process.kill(pid, 'SIGSTOP');
    const hungAt = performance.now();
    try {
      await waitFor('the pod to be unready', async () =>
        (await listPods()).some((other) => other.metadata.name === pod.metadata.name && !isReady(other)),
      );
      const outAfterMs = performance.now() - hungAt;
      assert.ok(outAfterMs < LIMIT_MS, `${outAfterMs} ms`);
      // Calls that began before have three seconds.
      await waitFor('the last calls', () => performance.now() - hungAt > LIMIT_MS + 3_000);
      const before = load.result().refusals.length;
      await load.untilMore(50);
      assert.deepEqual(load.result().refusals.slice(before), []);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
