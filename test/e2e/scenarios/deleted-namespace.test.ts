// The release's namespace was deleted without helm uninstall: the server is gone, its registration is not. Both ways out
// of docs/uninstall.md work.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { governPayments } from './support/govern-payments.ts';
import { listAllNames } from './support/list-objects.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

/** The command of docs/uninstall.md. */
const DELETE_REST = [
  'delete',
  '--selector',
  `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/name=${RELEASE}`,
  'validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicybindings,validatingadmissionpolicies,clusterrolebindings,clusterroles',
];

suite('a release whose namespace was deleted', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await governPayments(cluster);
    await deleteNamespace();
  });

  after(() => cluster?.stop());

  const deleteNamespace = () => cluster.kubectl(['delete', 'namespace', NAMESPACE, '--timeout=60s']);

  test('has pods that name a role refused, and no others', async () => {
    await createPod(cluster, undefined);
    await assert.rejects(
      createPod(cluster, 'reader'),
      /failed calling webhook "validate-pods\.eci-ram-role\.io"/,
    );
  });

  test('is mended by installing it again, with the allowlists that stayed', async () => {
    await cluster.install();
    await waitFor('pods to be decided', () => createPod(cluster, 'reader'));
    await assert.rejects(createPod(cluster, 'writer'), /Allowed for ServiceAccount "default": reader /);
  });

  test('is ended by deleting what is left, with one command', async () => {
    await deleteNamespace();
    await cluster.kubectl(DELETE_REST);
    await createPod(cluster, 'writer');
    const objects = await listAllNames(cluster.controlPlane.client);
    const left = objects.filter((object) => object.includes(RELEASE));
    assert.deepEqual(left, []);
  });
});
