// Each replica reports what is missing or different of its own installation, and Helm allows one release in a cluster.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { ApiClient } from '../harness/api-client.ts';
import { runHelm } from '../harness/run-helm.ts';
import { waitFor } from '../harness/wait-for.ts';
import { listReplicas } from './support/replicas.ts';
import {
  CHART,
  NAMESPACE,
  RELEASE,
  startWebhookCluster,
  type WebhookCluster,
} from './support/webhook-cluster.ts';
import { restartWebhook } from './support/webhook-rollout.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const VALIDATING = `${GROUP}/validatingwebhookconfigurations/${RELEASE}`;
const BINDING = `${GROUP}/validatingadmissionpolicybindings/${RELEASE}-creation-lock`;
const CONFINING = `${GROUP}/validatingadmissionpolicies/${RELEASE}-ca-bundle-only`;
const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${RELEASE}-tls`;
const MERGE_PATCH = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

/** A check a minute, and time for the check itself. */
const CHECKED = { timeoutMs: 80_000 };

suite('the check of the installation', () => {
  let cluster: WebhookCluster;
  let client: ApiClient;

  before(async () => {
    cluster = await startWebhookCluster();
    client = cluster.controlPlane.client;
  });

  after(() => cluster?.stop());

  async function notesOfAll(): Promise<readonly string[]> {
    const replicas = await listReplicas(cluster);
    assert.equal(replicas.length, 2);
    return Promise.all(replicas.map(({ probe }) => probe('/readyz?verbose')));
  }

  const untilAll = (what: string, isSo: (readiness: string) => boolean) =>
    waitFor(what, async () => (await notesOfAll()).every(isSo), CHECKED);

  async function untilInOrder(): Promise<void> {
    const isInOrder = (readiness: string) => !/^note: (?!no allowlist)/m.test(readiness);
    await untilAll('no note', isInOrder);
    for (const { metric, name } of await listReplicas(cluster)) {
      assert.equal(await metric('installation_object', { state: 'ok' }), 8, name);
      assert.equal(await metric('identity_unconfined'), 0, name);
    }
  }

  test('finds nothing after an installation', untilInOrder);

  test('reports a binding that was deleted, a failurePolicy that was changed, and a Secret that was made immutable', async () => {
    await client.send('DELETE', BINDING);
    const ignore = [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }];
    await client.send('PATCH', VALIDATING, ignore, JSON_PATCH);
    const held = { immutable: true, metadata: { finalizers: ['example.com/stay'] } };
    await client.send('PATCH', SECRET, held, MERGE_PATCH);
    for (const note of [
      `note: ValidatingAdmissionPolicyBinding ${RELEASE}-creation-lock does not exist`,
      `note: ValidatingWebhookConfiguration ${RELEASE} differs from what the chart rendered: webhooks[validate-pods.eci-ram-role.io].failurePolicy`,
      `note: Secret ${RELEASE}-tls differs from what the chart rendered: immutable, metadata.finalizers`,
    ]) {
      await untilAll(note, (readiness) => readiness.includes(note));
    }
    for (const { metric } of await listReplicas(cluster)) {
      assert.equal(await metric('installation_object', { state: 'missing' }), 1);
      assert.equal(await metric('installation_object', { state: 'changed' }), 2);
    }
    await waitFor(
      'a warning in each log',
      async () =>
        (await listReplicas(cluster)).every(
          ({ log }) =>
            log().filter((line) => /"level":"warn".*"installation differs from the chart"/.test(line))
              .length === 3,
        ),
      CHECKED,
    );
  });

  test('finds nothing once helm upgrade has restored it', async () => {
    await client.send('PATCH', SECRET, { metadata: { finalizers: null } }, MERGE_PATCH);
    await client.send('DELETE', SECRET);
    const { code, stderr } = await runHelm(cluster.controlPlane, 'helm4', [
      ...['upgrade', RELEASE, CHART, '--namespace', NAMESPACE, '--wait', '--timeout=60s'],
      ...['--reset-then-reuse-values', '--force-conflicts'],
    ]);
    assert.equal(code, 0, stderr);
    await untilInOrder();
  });

  test('notes a webhook that another tool added, and goes on', async () => {
    const { webhooks } = await client.send<{ webhooks: readonly object[] }>('GET', VALIDATING);
    const other = { ...webhooks[1], name: 'other.example.com', failurePolicy: 'Ignore' };
    await client.send('PATCH', VALIDATING, [{ op: 'add', path: '/webhooks/-', value: other }], JSON_PATCH);
    const note = `note: ValidatingWebhookConfiguration ${RELEASE} has additions of others: webhooks[other.example.com]`;
    await untilAll(note, (readiness) => readiness.includes(note));
    for (const { metric } of await listReplicas(cluster)) {
      assert.equal(await metric('installation_object', { state: 'ok' }), 8);
    }
  });

  test('reports an identity that the policy does not name, as after kustomize has changed the namespace', async () => {
    const conditions = [
      {
        name: 'is-the-server',
        expression: `request.userInfo.username == 'system:serviceaccount:old:${RELEASE}'`,
      },
    ];
    await client.send('PATCH', CONFINING, { spec: { matchConditions: conditions } }, MERGE_PATCH);
    await restartWebhook(cluster);
    await untilAll('a note', (readiness) =>
      readiness.includes(
        "note: the server's identity may change its own registration: the policy ca-bundle-only",
      ),
    );
    for (const { metric } of await listReplicas(cluster)) {
      assert.equal(await metric('identity_unconfined'), 1);
    }
    const { webhooks } = await client.send<{ webhooks: readonly { failurePolicy: string }[] }>(
      'GET',
      VALIDATING,
    );
    assert.equal(webhooks[0]?.failurePolicy, 'Fail');
  });

  for (const helm of ['helm3', 'helm4'] as const) {
    test(`${helm} rejects a second release`, async () => {
      const { code, stderr } = await runHelm(cluster.controlPlane, helm, [
        ...['install', 'second', CHART, '--namespace', 'second', '--create-namespace'],
        ...['--set', 'source=file,fullnameOverride=second'],
      ]);
      assert.notEqual(code, 0);
      assert.match(
        stderr,
        /ValidatingAdmissionPolicy "eci-ram-role\.io" in namespace "" exists and cannot be imported into the current release/,
      );
    });
  }
});
