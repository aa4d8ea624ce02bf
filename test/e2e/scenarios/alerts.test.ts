// Each situation that takes the webhook out of order fires its alert: /metrics is recorded meanwhile as Prometheus would, and
// promtool evaluates the alerts of the chart on the recording.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { find, render } from '../../chart/helm.ts';
import { listFiring } from '../../support/promtool.ts';
import type { ApiClient } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { governPayments } from './support/govern-payments.ts';
import { type Recording, recordMetrics } from './support/record-metrics.ts';
import { listReplicas } from './support/replicas.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const ROLE = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${RELEASE}`;
const CONFIGURATION = `${GROUP}/validatingwebhookconfigurations/${RELEASE}`;
const BINDING = `${GROUP}/validatingadmissionpolicybindings/${RELEASE}-creation-lock`;
const JSON_PATCH = 'application/json-patch+json';
const MINUTE_MS = 60_000;

const rules = find(
  render({ metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } } }),
  'PrometheusRule',
).spec;

suite('alerts', () => {
  let cluster: WebhookCluster;
  let client: ApiClient;
  let recording: Recording;

  before(async () => {
    cluster = await startWebhookCluster();
    client = cluster.controlPlane.client;
    await governPayments(cluster);
    recording = recordMetrics(cluster);
  });

  after(async () => {
    await recording?.stop();
    await cluster?.stop();
  });

  /** The server may no longer read allowlists; a watch that is open goes on. */
  async function takeRightAway(): Promise<void> {
    const { rules: granted } = await client.send<{ rules: readonly { resources: readonly string[] }[] }>(
      'GET',
      ROLE,
    );
    const index = granted.findIndex(({ resources }) => resources.includes('ramroleallowlists'));
    if (index !== -1) {
      await client.send('PATCH', ROLE, [{ op: 'remove', path: `/rules/${index}` }], JSON_PATCH);
    }
  }

  /** The alerts of a name that fire now. */
  const firing = (name: string) =>
    listFiring(
      { ...recording, rules, series: recording.series() },
      `EciRamRoleWebhook${name}`,
      recording.now(),
    );

  const names = [
    ...['Down', 'NoPolicy', 'Stale', 'InstallationChanged', 'NotConfined', 'CaBundleOverwritten', 'Denials'],
    ...['CertificateReloadFails', 'PolicyReloadFails', 'RejectsRequests', 'Slow', 'AllowlistExpires'],
  ];

  test('none fires while nothing is wrong', async () => {
    await createPod(cluster, 'reader');
    await assert.rejects(createPod(cluster, 'writer'), /not allowed/);
    await sleep(MINUTE_MS);
    for (const name of names) {
      assert.deepEqual(firing(name), [], name);
    }
  });

  test('a right that is taken away, a caBundle that is wiped, and a binding that is deleted', async () => {
    await takeRightAway();
    await cluster.controlPlane.restartApiServer();
    const brokenAt = Date.now();
    await waitFor('notes of the watch', async () => {
      const replicas = await listReplicas(cluster);
      const answers = await Promise.all(replicas.map(({ probe }) => probe('/readyz?verbose')));
      return answers.every((answer) =>
        /^note: the watch of allowlists has failed for \d+ s \(forbidden\)/m.test(answer),
      );
    });

    await client.send('DELETE', BINDING);
    for (let wipe = 0; wipe < 13; wipe++) {
      const patch = [{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }];
      await client.send('PATCH', CONFIGURATION, patch, JSON_PATCH).catch(() => undefined);
      await sleep(3_000);
    }
    await sleep(20_000);
    assert.deepEqual(
      firing('CaBundleOverwritten').map(({ severity, namespace }) => [severity, namespace]),
      [['critical', NAMESPACE]],
    );
    await sleep(Math.max(0, brokenAt + 6.5 * MINUTE_MS - Date.now()));

    const stale = firing('Stale');
    assert.deepEqual(
      stale.map(({ watch }) => watch),
      ['allowlists', 'allowlists'],
    );
    const [changed, ...others] = firing('InstallationChanged');
    const { kind, name, state } = changed ?? {};
    assert.deepEqual(
      [kind, name, state],
      ['ValidatingAdmissionPolicyBinding', `${RELEASE}-creation-lock`, 'missing'],
    );
    assert.deepEqual(others, []);
    assert.deepEqual(firing('Down'), []);
    for (const replica of await listReplicas(cluster)) {
      assert.ok(
        replica.log().some((line) => /"level":"warn".*installation differs from the chart/.test(line)),
      );
    }
  });

  test('replicas that run and are not ready, because they cannot read the allowlists', async () => {
    await takeRightAway();
    await cluster.kubectl(['delete', 'pods', '-n', NAMESPACE, '--all', '--wait=false']);
    await sleep(4 * MINUTE_MS);
    assert.deepEqual(
      firing('Down').map(({ severity, namespace, job }) => ({ severity, namespace, job })),
      [{ severity: 'critical', namespace: NAMESPACE, job: `${RELEASE}-metrics` }],
    );
    assert.equal(firing('NoPolicy').length, 2);
  });
});
