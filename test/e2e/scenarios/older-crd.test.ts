// Helm never upgrades a CRD, and an older one drops fields that it does not know. A server that finds one says so, in its
// log, a metric and /readyz?verbose, and goes on.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { governPayments } from './support/govern-payments.ts';
import { attemptApply } from './support/kubectl-attempt.ts';
import { pod } from './support/manifests.ts';
import { listReplicas } from './support/replicas.ts';
import { CHART, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { restartWebhook } from './support/webhook-rollout.ts';

const CRD = 'crd/ramroleallowlists.eci-ram-role.io';
const VERSION_ANNOTATION = 'eci-ram-role.io/schema-version';
const NOTE = (version: number) =>
  `the CustomResourceDefinition of RamRoleAllowlist has schema version ${version}, this server 2: apply the one of the chart (kubectl apply --server-side -f crds/)`;

suite('an older CRD', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await governPayments(cluster);
  });

  after(() => cluster?.stop());

  async function saysSo(note: string): Promise<void> {
    for (const { probe, metric, log } of await listReplicas(cluster)) {
      await waitFor('the note', async () => (await probe('/readyz?verbose')).includes(`note: ${note}\n`));
      assert.equal(await probe('/readyz'), 'ok');
      assert.equal(await metric('crd_outdated'), 1);
      const warnings = () => log().filter((line) => line.includes(note) && line.includes('"level":"warn"'));
      await waitFor('the warning', () => warnings().length > 0);
      assert.equal(warnings().length, 1);
    }
  }

  test('an upgrade by Helm leaves it as it is; one that does not say its version counts as version 0', async () => {
    await cluster.kubectl(['annotate', CRD, `${VERSION_ANNOTATION}-`]);
    await cluster.install({ podAnnotations: { upgraded: 'yes' } });
    await saysSo(NOTE(0));
  });

  test('the lists are in force all the same', async () => {
    assert.equal((await attemptApply(cluster, pod('allowed', 'payments', 'reader'))).error, '');
    assert.match((await attemptApply(cluster, pod('refused', 'payments', 'writer'))).error, /is not allowed/);
  });

  test('the command that the note gives helps', async () => {
    await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', `${CHART}/crds/`]);
    await restartWebhook(cluster);
    const replicas = await listReplicas(cluster);
    assert.equal(replicas.length, 2);
    for (const { probe, metric, log } of replicas) {
      assert.equal(await metric('crd_outdated'), 0);
      assert.doesNotMatch(await probe('/readyz?verbose'), /CustomResourceDefinition/);
      assert.deepEqual(
        log().filter((line) => line.includes('CustomResourceDefinition')),
        [],
      );
    }
  });

  test('one of a newer version is none of our business', async () => {
    await cluster.kubectl(['annotate', '--overwrite', CRD, `${VERSION_ANNOTATION}=99`]);
    await restartWebhook(cluster);
    for (const { probe, metric } of await listReplicas(cluster)) {
      assert.equal(await metric('crd_outdated'), 0);
      assert.doesNotMatch(await probe('/readyz?verbose'), /CustomResourceDefinition/);
    }
  });
});
