// The replicas share one CA from their first start on, have the API server trust it, and go on doing so whatever others
// do to it and wherever the API server is.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { governPayments } from './support/govern-payments.ts';
import { type PodLoad, type PodLoadOptions, startPodLoad } from './support/pod-load.ts';
import { publishedBundles, servedCertificates } from './support/server-certificates.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { scaleWebhook } from './support/webhook-rollout.ts';

const REPLICAS = 4;
const RACES = 3;
const SECRET = `${RELEASE}-tls`;

type ConfigurationKind = 'mutatingwebhookconfiguration' | 'validatingwebhookconfiguration';

suite('replicas that make their certificates', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster({ replicas: REPLICAS });
    await governPayments(cluster);
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
      await scaleWebhook(cluster, 0);
      await cluster.kubectl([
        ...['patch', 'secret', SECRET, '-n', NAMESPACE, '--type=json'],
        ...['-p', '[{"op":"remove","path":"/data"}]'],
      ]);
      await wipeBundle('mutatingwebhookconfiguration');
      await wipeBundle('validatingwebhookconfiguration');
      await scaleWebhook(cluster, REPLICAS);
      await assertAgreed();
    });
  }

  async function wipeBundle(kind: ConfigurationKind): Promise<void> {
    await cluster.kubectl([
      ...['patch', kind, RELEASE, '--type=json', '-p'],
      '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]',
    ]);
  }

  /** Wipes the bundle from a configuration while pods are being created; resolves some pods after it was put back. */
  async function loseBundle(kind: ConfigurationKind, load: PodLoad): Promise<void> {
    await load.untilMore(20);
    await wipeBundle(kind);
    await waitFor(
      'the bundle',
      async () => new Set(await publishedBundles(cluster.controlPlane.client)).size === 1,
    );
    await load.untilMore(20);
  }

  const startLoad = (options: Omit<PodLoadOptions, 'namespace'>) =>
    startPodLoad(cluster.controlPlane, { namespace: 'payments', ...options });

  test('put back a caBundle wiped from the mutating configuration, and refuse no pod meanwhile', async (t) => {
    await using load = startLoad({ role: 'reader' });
    await loseBundle('mutatingwebhookconfiguration', load);
    const { created, refusals } = await load.stop();
    t.diagnostic(`${created} pods created, ${refusals.length} refused`);
    assert.deepEqual(refusals, []);
    await assertAgreed();
  });

  test('put back one wiped from the validating configuration, and let pods without a role start meanwhile', async (t) => {
    await using withRole = startLoad({ role: 'reader', connections: 2 });
    await using withoutRole = startLoad({ role: undefined, connections: 2 });
    await loseBundle('validatingwebhookconfiguration', withRole);
    const { created, refusals } = await withRole.stop();
    const { refusals: refusalsWithoutRole } = await withoutRole.stop();
    t.diagnostic(`${created} pods with a role created, ${refusals.length} refused: ${refusals.at(0)}`);
    t.diagnostic(`from ${refusals.at(0)?.split(' ')[0]} to ${refusals.at(-1)?.split(' ')[0]}`);
    assert.ok(
      refusals.every((refusal) => /failed calling webhook "validate-pods\.eci-ram-role\.io"/.test(refusal)),
    );
    assert.deepEqual(refusalsWithoutRole, []);
    await assertAgreed();
  });

  test('decide as before once the API server is back, and never admit what is not allowed', async (t) => {
    await using allowed = startLoad({ role: 'reader', connections: 4 });
    await using forbidden = startLoad({ role: 'writer', connections: 2 });
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
