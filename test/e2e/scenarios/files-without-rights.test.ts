// Allowlists in a ConfigMap and a serving certificate of one's own: the server has no right whatever, not even a token,
// and takes up what changes in either without a restart.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { type CertificateAuthority, createCertificateAuthority } from '../harness/certificate-authority.ts';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { deployment, namespace, ROLE_ANNOTATION } from './support/manifests.ts';
import { startPodLoad } from './support/pod-load.ts';
import { fingerprint, servedCertificates, serverPods } from './support/server-certificates.ts';
import { NAMESPACE, RELEASE, startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const SERVER_NAME = `${RELEASE}.${NAMESPACE}.svc`;

suite('a server of files', () => {
  let cluster: WebhookCluster;
  let authority: CertificateAuthority;

  before(async () => {
    authority = await createCertificateAuthority('platform');
    cluster = await startBareCluster();
    await cluster.apply([namespace('payments'), namespace(NAMESPACE)]);
    await applyCertificate();
    await install(['reader']);
  });

  after(() => cluster?.stop());

  /** Issues a certificate, puts it into the Secret, and returns its fingerprint. */
  async function applyCertificate(): Promise<string> {
    const { certificate, privateKey } = await authority.issue({
      commonName: SERVER_NAME,
      addresses: [],
      names: [SERVER_NAME],
    });
    await cluster.apply([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/tls',
        metadata: { name: 'webhook-tls', namespace: NAMESPACE },
        stringData: { 'tls.crt': certificate, 'tls.key': privateKey },
      },
    ]);
    return fingerprint(new X509Certificate(certificate).raw);
  }

  const install = (roles: readonly string[]) =>
    cluster.install({
      source: 'file',
      tls: { mode: 'existing-secret', existingSecret: 'webhook-tls', caBundle: authority.certificate },
      allowlists: { payments: { namespaces: ['payments'], roles, defaultRole: roles[0] } },
    });
  const podUids = async () =>
    (await serverPods(cluster.controlPlane.client)).map(({ metadata }) => metadata.uid).sort();

  test('decides and injects by the lists of its values', async () => {
    await createPod(cluster, 'reader');
    await assert.rejects(createPod(cluster, 'writer'), /Allowed for ServiceAccount "default": reader /);
    const injected = JSON.parse(await createPod(cluster, undefined));
    assert.equal(injected.metadata.annotations[ROLE_ANNOTATION], 'reader');
    await cluster.apply([deployment('api', 'payments', 'reader')]);
    await cluster.kubectl(['rollout', 'status', 'deployment/api', '-n', 'payments', '--timeout=30s']);
  });

  test('passes helm test', async () => {
    assert.match(await cluster.helm('test', RELEASE, '--timeout=60s'), /Phase:\s+Succeeded/);
  });

  test('may do nothing, and has no token to do it with', async () => {
    const rightsOf = (namespaceName: string, name: string) =>
      cluster.kubectl([
        ...['auth', 'can-i', '--list', '-n', NAMESPACE],
        `--as=system:serviceaccount:${namespaceName}:${name}`,
      ]);
    // What any authenticated user may do.
    assert.equal(await rightsOf(NAMESPACE, RELEASE), await rightsOf('payments', 'default'));
    const owned = await cluster.kubectl([
      ...['get', 'roles,rolebindings,clusterroles,clusterrolebindings', '-A', '-o', 'name'],
      ...['-l', `app.kubernetes.io/instance=${RELEASE}`],
    ]);
    assert.equal(owned, '');
    const pods = await cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-o', 'json']);
    assert.doesNotMatch(pods, /serviceAccountToken/);
  });

  test('takes up changed lists without a restart', async () => {
    const uids = await podUids();
    await install(['reader', 'writer']);
    await waitFor('the new list on every replica', async () => {
      for (let attempt = 0; attempt < 4; attempt++) {
        await createPod(cluster, 'writer');
      }
      return true;
    });
    assert.deepEqual(await podUids(), uids);
  });

  test('serves a rotated certificate without a restart, and refuses no pod meanwhile', async (t) => {
    const uids = await podUids();
    await using load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
    await load.untilMore(20);
    const rotated = await applyCertificate();
    await waitFor('the new certificate', async () => {
      const served = await servedCertificates(cluster.controlPlane.client, authority.certificate);
      return served.length === 2 && served.every((one) => one === rotated);
    });
    await load.untilMore(100);
    const { created, refusals } = await load.stop();
    t.diagnostic(`${created} pods created, ${refusals.length} refused`);
    assert.deepEqual(refusals, []);
    assert.deepEqual(await podUids(), uids);
  });

  test('keeps the last good certificate where the Secret is broken', async () => {
    const patch = { stringData: { 'tls.key': 'no key' } };
    await cluster.kubectl(['patch', 'secret', 'webhook-tls', '-n', NAMESPACE, '-p', JSON.stringify(patch)]);
    const [first] = await serverPods(cluster.controlPlane.client);
    await waitFor('a word about it', () =>
      cluster.nodeAgent
        .readLog({ namespace: NAMESPACE, name: first?.metadata.name ?? '', container: 'webhook' })
        .includes('serving certificate not reloaded: the last good one stays in use'),
    );
    await createPod(cluster, 'reader');
  });
});
