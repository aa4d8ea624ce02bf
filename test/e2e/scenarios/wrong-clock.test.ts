// A replica whose clock is 100 days ahead beside others: the certificates stay as they are, it serves them too, and it says so.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod, Secret } from '../harness/kubernetes-objects.ts';
import { waitFor } from '../harness/wait-for.ts';
import { governPayments } from './support/govern-payments.ts';
import { startPodLoad } from './support/pod-load.ts';
import { listReplicas } from './support/replicas.ts';
import { serverPods } from './support/server-certificates.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const DAYS_MS = 100 * 86_400_000;
const SCRIPT = `const D=Date;globalThis.Date=class extends D{constructor(...a){a.length?super(...a):super(D.now()+${DAYS_MS})}static now(){return D.now()+${DAYS_MS}}}`;
/** Some turns of the replicas. */
const LONG_ENOUGH_MS = 20_000;

suite('a replica whose clock is ahead', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await governPayments(cluster);
  });

  after(() => cluster?.stop());

  const readSecret = () =>
    cluster.controlPlane.client.send<Secret>('GET', `/api/v1/namespaces/${NAMESPACE}/secrets/${RELEASE}-tls`);

  test('changes no certificate, serves the one of the others, and says so', async (t) => {
    const before = await readSecret();
    const [replica] = await serverPods(cluster.controlPlane.client);
    assert.ok(replica);
    await cluster.apply([copyOf(replica)]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'pod/ahead', '-n', NAMESPACE, '--timeout=60s']);
    await using load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
    await sleep(LONG_ENOUGH_MS);

    const { created, refusals, unanswered } = await load.stop();
    t.diagnostic(`${created} pods created, ${refusals.length} refused`);
    assert.deepEqual({ refusals, unanswered }, { refusals: [], unanswered: [] });
    assert.deepEqual((await readSecret()).metadata.resourceVersion, before.metadata.resourceVersion);
    for (const { name, probe, log } of await listReplicas(cluster)) {
      const note = (await probe('/readyz?verbose')).includes(
        "note: the clock is 100 days ahead of the API server's",
      );
      assert.equal(note, name === 'ahead');
      await waitFor(
        'the line of the log',
        () => log().some((line) => line.includes('the clock is 100 days ahead')) === (name === 'ahead'),
      );
    }
  });

  /** A pod that the Service selects, and no ReplicaSet owns. */
  function copyOf({ metadata, spec }: Pod): object {
    const { 'pod-template-hash': _, ...labels } = metadata.labels ?? {};
    const [container, ...others] = JSON.parse(JSON.stringify(spec.containers));
    const clock = {
      name: 'NODE_OPTIONS',
      value: `--import=data:text/javascript,${encodeURIComponent(SCRIPT)}`,
    };
    const { nodeName: __, ...rest } = JSON.parse(JSON.stringify(spec));
    return {
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ahead', namespace: NAMESPACE, labels } },
      spec: { ...rest, containers: [{ ...container, env: [...container.env, clock] }, ...others] },
    };
  }
});
