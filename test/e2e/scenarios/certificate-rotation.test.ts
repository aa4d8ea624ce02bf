// Certificates come to their end and are replaced, leaf and CA, while pods that name a role are being created: no call
// fails. Nobody can wait for months, so the Secret is given certificates that were made long ago.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { DAY_MS } from '../../../src/tls/certificate.ts';
import { createCertificateAuthority, issueServingCertificate } from '../../../src/tls/issue.ts';
import type { ApiClient } from '../harness/api-client.ts';
import type { Secret } from '../harness/kubernetes-objects.ts';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { governPayments } from './support/govern-payments.ts';
import { type PodLoad, startPodLoad } from './support/pod-load.ts';
import { fingerprint, publishedBundles, servedCertificates } from './support/server-certificates.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { scaleWebhook } from './support/webhook-rollout.ts';

const TWO_HOURS_MS = 7_200_000;
const SERVER_NAME = `${RELEASE}.${NAMESPACE}.svc`;
const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${RELEASE}-tls`;
const NAMES = { dns: [SERVER_NAME], ip: [] };

suite('certificates that come to their end while pods are being created', () => {
  let cluster: WebhookCluster;
  let client: ApiClient;
  let load: PodLoad;

  before(async () => {
    cluster = await startWebhookCluster();
    client = cluster.controlPlane.client;
    await governPayments(cluster);
    await startWithOldAuthority();
    load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
    await load.untilMore(20);
  });

  after(async () => {
    await load?.stop();
    await cluster?.stop();
  });

  async function readSecret(): Promise<Readonly<Record<string, string>>> {
    const { data = {} } = await client.send<Secret>('GET', SECRET);
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }

  async function changeSecret(changes: Readonly<Record<string, string>>): Promise<void> {
    const encoded = Object.entries(changes).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]);
    await client.send('PATCH', SECRET, { data: Object.fromEntries(encoded) }, 'application/merge-patch+json');
  }

  /** The replicas begin with a CA that two thirds of its year are over for, and a leaf of it. */
  async function startWithOldAuthority(): Promise<void> {
    const madeAt = Date.now() - 250 * DAY_MS;
    const authority = await createCertificateAuthority('made long ago', 365 * DAY_MS, madeAt);
    const leaf = await issueServingCertificate(authority, NAMES, 90 * DAY_MS);

    await scaleWebhook(cluster, 0);
    await changeSecret({
      'ca.crt': authority.certificate.toString(),
      'ca.key': authority.key ?? '',
      'ca.published-at': new Date(madeAt).toISOString(),
      'tls.crt': leaf.cert,
      'tls.key': leaf.key,
    });
    await scaleWebhook(cluster, 2);
    await waitFor('pods to be decided', () => createPod(cluster, 'reader'));
  }

  /** All replicas serve what the Secret holds, and are verified by what both configurations publish. */
  const untilServed = (leaf: string) =>
    waitFor('every replica to serve the new certificate', async () => {
      const [bundle = ''] = await publishedBundles(client);
      const served = await servedCertificates(client, bundle);
      return served.length === 2 && served.every((one) => one === fingerprintOf(leaf));
    });

  async function assertNoneRefused(): Promise<void> {
    await load.untilMore(100);
    assert.deepEqual(load.result().refusals, []);
  }

  test('a leaf is renewed before its end', async (t) => {
    const { 'ca.crt': ca = '', 'ca.key': caKey = '' } = await readSecret();
    // Seventy of its ninety days are over.
    const old = await issueServingCertificate(
      { certificate: new X509Certificate(ca), key: caKey },
      NAMES,
      90 * DAY_MS,
      Date.now() - 70 * DAY_MS,
    );
    await changeSecret({ 'tls.crt': old.cert, 'tls.key': old.key });

    const renewed = await waitFor('another leaf', async () => {
      const { 'tls.crt': leaf = '' } = await readSecret();
      return leaf !== old.cert && leaf;
    });
    await untilServed(renewed);
    assert.ok(remainingDays(renewed) > 85);
    await assertNoneRefused();
    t.diagnostic(`${load.result().created} pods created, ${load.result().refusals.length} refused`);
  });

  test('the next CA is published beside the current one, long before it is used', async () => {
    const next = await waitFor('the next CA to be known as published', async () => {
      const { 'next-ca.crt': certificate, 'next-ca.published-at': publishedAt } = await readSecret();
      return publishedAt !== undefined && certificate;
    });
    const { 'ca.crt': current = '', 'tls.crt': leaf = '' } = await readSecret();
    for (const bundle of await publishedBundles(client)) {
      assert.ok(bundle.includes(current.trim()));
      assert.ok(bundle.includes(next.trim()));
    }
    await untilServed(leaf);
    assert.ok(issued(current, leaf));
    await assertNoneRefused();
  });

  test('the next CA takes over once all API servers know it, and the former one stays trusted', async () => {
    const { 'ca.crt': former = '', 'next-ca.crt': next = '' } = await readSecret();
    await changeSecret({ 'next-ca.published-at': new Date(Date.now() - TWO_HOURS_MS).toISOString() });
    const leaf = await waitFor('a leaf of the next CA', async () => {
      const { 'tls.crt': certificate = '' } = await readSecret();
      return issued(next, certificate) && certificate;
    });
    await untilServed(leaf);
    for (const bundle of await publishedBundles(client)) {
      assert.ok(bundle.includes(former.trim()));
    }
    await assertNoneRefused();
  });

  test('the former CA goes when its last leaf has ended', async (t) => {
    const { 'ca.crt': current = '', 'tls.crt': leaf = '' } = await readSecret();
    await changeSecret({ 'previous-ca.until': new Date(Date.now() - TWO_HOURS_MS).toISOString() });
    await waitFor('a bundle of one', async () =>
      (await publishedBundles(client)).every((bundle) => bundle.trim() === current.trim()),
    );
    await untilServed(leaf);
    await assertNoneRefused();
    const { created, refusals, unanswered } = await load.stop();
    t.diagnostic(`${created} pods created, ${refusals.length} refused`);
    assert.deepEqual({ refusals, unanswered }, { refusals: [], unanswered: [] });
  });
});

function fingerprintOf(certificatePem: string): string {
  return fingerprint(new X509Certificate(certificatePem).raw);
}

function issued(authorityPem: string, certificatePem: string): boolean {
  const authority = new X509Certificate(authorityPem);
  return new X509Certificate(certificatePem).verify(authority.publicKey);
}

function remainingDays(certificatePem: string): number {
  return (new X509Certificate(certificatePem).validToDate.getTime() - Date.now()) / DAY_MS;
}
