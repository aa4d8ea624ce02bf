// The replicas share one CA from their first start on, have the API server trust it, and go on doing so whatever others
// do to it and wherever the API server is.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { allowlist, namespace } from './support/manifests.ts';
import { startPodLoad } from './support/pod-load.ts';
import { publishedBundles, servedCertificates, serverPods } from './support/server-certificates.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const REPLICAS = 4;
const RACES = 3;
const SECRET = `${RELEASE}-tls`;

suite('replicas that make their certificates', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster({ replicas: REPLICAS });
    await cluster.apply([
      namespace('payments'),
      allowlist('payments', { namespaces: ['payments'], roles: ['reader'] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  /** One bundle in all configurations, by which all replicas are verified, and one certificate that they serve. */
  async function assertAgreed(): Promise<void> {
    const { client } = cluster.controlPlane;
    const bundles = new Set(await publishedBundles(client));
    assert.equal(bundles.size, 1);
    const [bundle = ''] = bundles;
    const served = await servedCertificates(client, bundle);
    assert.equal(served.length, REPLICAS);
    assert.equal(new Set(served).size, 1);
    await createPod(cluster, 'reader');
  }

  test('agree after racing at their first start', assertAgreed);

  for (let race = 1; race <= RACES; race++) {
    test(`agree after racing from an empty Secret and without a published CA, ${race} of ${RACES}`, async () => {
      const scale = (replicas: number) =>
        cluster.kubectl(['scale', `deployment/${RELEASE}`, '-n', NAMESPACE, `--replicas=${replicas}`]);
      await scale(0);
      await waitFor('no replica', async () => (await serverPods(cluster.controlPlane.client)).length === 0);
      await cluster.kubectl([
        'patch',
        'secret',
        SECRET,
        '-n',
        NAMESPACE,
        '--type=json',
        '-p',
        '[{"op":"remove","path":"/data"}]',
      ]);
      for (const kind of ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration']) {
        await wipeBundle(kind);
      }
      await scale(REPLICAS);
      await cluster.kubectl(['rollout', 'status', `deployment/${RELEASE}`, '-n', NAMESPACE, '--timeout=60s']);
      await assertAgreed();
    });
  }

  async function wipeBundle(kind: string): Promise<void> {
    await cluster.kubectl([
      ...['patch', kind, RELEASE, '--type=json', '-p'],
      '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]',
    ]);
  }

  test('put back a caBundle wiped from the mutating configuration, and refuse no pod meanwhile', async (t) => {
    await using load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
    await load.untilMore(20);
    await wipeBundle('mutatingwebhookconfiguration');
    await waitFor(
      'the bundle',
      async () => new Set(await publishedBundles(cluster.controlPlane.client)).size === 1,
    );
    await load.untilMore(20);
    const { created, refusals } = await load.stop();
    t.diagnostic(`${created} pods created, ${refusals.length} refused`);
    assert.deepEqual(refusals, []);
    await assertAgreed();
  });

  test('put back one wiped from the validating configuration, and let pods without a role start meanwhile', async (t) => {
    await using withRole = startPodLoad(cluster.controlPlane, {
      namespace: 'payments',
      role: 'reader',
      connections: 2,
    });
    await using withoutRole = startPodLoad(cluster.controlPlane, {
      namespace: 'payments',
      role: undefined,
      connections: 2,
    });
    await withRole.untilMore(20);
    await wipeBundle('validatingwebhookconfiguration');
    await waitFor(
      'the bundle',
      async () => new Set(await publishedBundles(cluster.controlPlane.client)).size === 1,
    );
    await withRole.untilMore(20);
    const { created, refusals } = await withRole.stop();
    const { refusals: refusalsWithoutRole } = await withoutRole.stop();
    t.diagnostic(`${created} pods with a role created, ${refusals.length} refused: ${refusals.at(0)}`);
    t.diagnostic(`from ${refusals.at(0)?.split(' ')[0]} to ${refusals.at(-1)?.split(' ')[0]}`);
    assert.ok(
      refusals.every((refusal) => /failed calling webhook "validate\.eci-ram-role\.io"/.test(refusal)),
    );
    assert.deepEqual(refusalsWithoutRole, []);
    await assertAgreed();
  });

  test('decide as before once the API server is back, and never admit what is not allowed', async (t) => {
    await using allowed = startPodLoad(cluster.controlPlane, {
      namespace: 'payments',
      role: 'reader',
      connections: 4,
    });
    await using forbidden = startPodLoad(cluster.controlPlane, {
      namespace: 'payments',
      role: 'writer',
      connections: 2,
    });
    await allowed.untilMore(50);
    await cluster.controlPlane.restartApiServer();
    // While it stops and starts it refuses by itself what it cannot answer.
    const refusedMeanwhile = allowed.result().refusals.length;
    await allowed.untilMore(100);
    const { created, refusals, unanswered } = await allowed.stop();
    t.diagnostic(
      `${created} pods created, ${refusals.length} refused, ${unanswered.length} without an answer`,
    );
    assert.equal((await forbidden.stop()).created, 0);
    assert.deepEqual(refusals.slice(refusedMeanwhile), []);
    await assertAgreed();
  });
});
