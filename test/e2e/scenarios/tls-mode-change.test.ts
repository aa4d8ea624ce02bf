// A change of the TLS mode or of the name, with Helm 3 and Helm 4, while pods that name a role are being created: a step that would
// have them refused is refused itself, and the documented steps refuse none.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { DAY_MS } from '../../../src/tls/certificate.ts';
import { createCertificateAuthority, issueServingCertificate } from '../../../src/tls/issue.ts';
import { waitFor } from '../harness/wait-for.ts';
import { governPayments } from './support/govern-payments.ts';
import { type PodLoad, startPodLoad } from './support/pod-load.ts';
import { publishedBundles } from './support/server-certificates.ts';
import {
  CHART,
  NAMESPACE,
  RELEASE,
  startBareCluster,
  type WebhookCluster,
} from './support/webhook-cluster.ts';

const SERVER_NAME = `${RELEASE}.${NAMESPACE}.svc`;
const SECRET = 'webhook-tls';
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const LEAST_PODS = 1_800;

for (const helmVersion of ['helm3', 'helm4'] as const) {
  suite(`a change of the TLS mode with ${helmVersion}`, () => {
    let cluster: WebhookCluster;
    let load: PodLoad;
    let ca = '';

    before(async () => {
      cluster = await startBareCluster(helmVersion);
      // Longer than a busy control plane takes to pass on that a replica stops.
      await cluster.install({ drainDelaySeconds: 5 });
      await governPayments(cluster);
      ca = await createSecret(SECRET);
      load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
      await load.untilMore(20);
    });

    after(async () => {
      await load?.stop();
      await cluster?.stop();
    });

    /** Makes a Secret with a certificate of a CA of its own; resolves to the CA. */
    async function createSecret(name: string): Promise<string> {
      const authority = await createCertificateAuthority(name, DAY_MS);
      const leaf = await issueServingCertificate(authority, { dns: [SERVER_NAME], ip: [] }, DAY_MS);
      await cluster.controlPlane.client.send('POST', SECRETS, {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/tls' },
        stringData: { 'tls.crt': leaf.cert, 'tls.key': leaf.key },
      });
      return authority.certificate.toString();
    }

    /** As the documents say it: with the values of before. */
    const upgrade = async (values: object, ...flags: readonly string[]) => {
      const sets = Object.entries(values).flatMap(([path, value]) => [
        '--set-json',
        `${path}=${JSON.stringify(value)}`,
      ]);
      await cluster.helm(
        ...['upgrade', RELEASE, CHART, '--wait', '--timeout=60s', '--reset-then-reuse-values'],
        ...[...sets, ...flags],
      );
      await waitFor('the old replicas to end', async () => {
        const left = await cluster.kubectl([
          ...['get', 'pods', '-n', NAMESPACE, '-o', 'name'],
          ...['-l', 'app.kubernetes.io/component=webhook'],
        ]);
        return left.split('\n').length === 2;
      });
      await load.untilMore(100);
    };
    const bundles = async () => [...new Set(await publishedBundles(cluster.controlPlane.client))];
    const toExisting = () => ({ tls: { mode: 'existing-secret', existingSecret: SECRET, caBundle: ca } });
    const nobodyWasRefused = () => {
      const { refusals, unanswered } = load.result();
      assert.deepEqual({ refusals, unanswered }, { refusals: [], unanswered: [] });
    };

    test('to a CA that the API server does not trust yet is refused', async () => {
      await assert.rejects(upgrade(toExisting()), /tls\.caBundle: expected CAs that the registered caBundle/);
      nobodyWasRefused();
    });

    test('to cert-manager is refused, which would replace the caBundle', async () => {
      await assert.rejects(
        upgrade({ tls: { mode: 'cert-manager' } }),
        /tls\.mode: expected self-managed as it is installed, found cert-manager/,
      );
      nobodyWasRefused();
    });

    test('to a Secret refuses no pod, once the replicas have published its CA', async () => {
      const data = { 'additional-ca.crt': Buffer.from(ca).toString('base64') };
      await cluster.kubectl([
        ...['patch', 'secret', `${RELEASE}-tls`, '-n', NAMESPACE, '--type=merge'],
        ...['--patch', JSON.stringify({ data })],
      ]);
      await waitFor('the CA', async () => (await bundles()).every((bundle) => bundle.includes(ca)));
      await upgrade(toExisting());
      assert.ok((await bundles()).every((bundle) => bundle !== ca && bundle.includes(ca)));
      nobodyWasRefused();
    });

    test('trusts the former CA no more after the next upgrade', async () => {
      await upgrade({ logLevel: 'debug' }, ...(helmVersion === 'helm4' ? ['--force-conflicts'] : []));
      assert.deepEqual(await bundles(), [ca]);
      nobodyWasRefused();
    });

    test('to another Secret with another CA refuses no pod', async () => {
      const other = await createSecret('other-tls');
      await upgrade({ 'tls.existingSecret': 'other-tls', 'tls.caBundle': other });
      assert.deepEqual(await bundles(), [`${other}\n${ca}`]);
      await upgrade({ logLevel: 'info' });
      assert.deepEqual(await bundles(), [other]);
      nobodyWasRefused();
    });

    test('back to self-managed refuses no pod, nor does any upgrade after it', async () => {
      await upgrade({ 'tls.mode': 'self-managed' });
      const [bundle = ''] = await bundles();
      assert.equal(bundle.match(/BEGIN CERTIFICATE/g)?.length, 2);
      await upgrade({ logLevel: 'debug' });
      await upgrade({ 'tls.caBundle': '', 'tls.existingSecret': '' });
      assert.deepEqual(await bundles(), [bundle]);
      nobodyWasRefused();
    });

    test('another name is refused while pods would be refused for it', async () => {
      await assert.rejects(
        upgrade({ fullnameOverride: 'renamed' }),
        /fullnameOverride: expected the name of the installed objects, eci-ram-role-webhook, found renamed/,
      );
      nobodyWasRefused();
    });

    test('another name in the labels alone is refused, by which the Service would find no pod', async () => {
      await assert.rejects(
        upgrade({ fullnameOverride: RELEASE, nameOverride: 'renamed' }),
        /nameOverride: expected the name in the labels of the installed pods, eci-ram-role-webhook, found renamed/,
      );
      nobodyWasRefused();
    });

    test('another name refuses no pod in the documented steps', async () => {
      await upgrade({ 'validatingWebhook.failurePolicy': 'Ignore' });
      await upgrade({ fullnameOverride: 'renamed' });
      await cluster.helm('test', RELEASE, '--timeout=60s');
      await upgrade({ 'validatingWebhook.failurePolicy': 'Fail' });
      nobodyWasRefused();
    });

    test(`in all of it at least ${LEAST_PODS} pods were created`, async (t) => {
      await load.untilMore(Math.max(1, LEAST_PODS - load.result().created));
      const { created, refusals, unanswered, longestMs } = await load.stop();
      t.diagnostic(`${created} pods created, ${refusals.length} refused, the longest took ${longestMs} ms`);
      assert.deepEqual({ refusals, unanswered }, { refusals: [], unanswered: [] });
    });
  });
}
