// No replica is left: pods that name no role start as ever, those that name one wait, and all is well again by itself.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist, deployment, namespace, pod } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook, unreachable } from './support/webhook-outage.ts';

suite('a webhook that is down', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply([
      namespace('payments'),
      allowlist('payments', { namespaces: ['payments'], roles: ['reader'], defaultRole: 'reader' }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    await bringWebhook(cluster, 'down');
  });

  after(() => cluster?.stop());

  const available = (name: string) =>
    cluster.kubectl([
      ...['wait', '--for=condition=Available', `deployment/${name}`, '-n', 'payments', '--timeout=60s'],
    ]);

  test('lets pods start that name no role, though without the default', async () => {
    await cluster.apply([deployment('without', 'payments', undefined)]);
    await available('without');
  });

  test('has a Deployment whose pods name a role wait', async () => {
    await cluster.apply([deployment('with', 'payments', 'reader')]);
    const path = 'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}';
    const message = await waitFor(
      'the failure of the Deployment',
      async () =>
        (await cluster.kubectl(['get', 'deployment', 'with', '-n', 'payments', '-o', path])) || undefined,
    );
    assert.match(message, unreachable('validate-pods'));
  });

  test('is no matter in kube-system, whose pods are never decided', async () => {
    await cluster.apply([pod('with', 'kube-system', 'anything'), pod('without', 'kube-system', undefined)]);
    await cluster.kubectl(['delete', 'pod', 'with', 'without', '-n', 'kube-system', '--wait=false']);
  });

  test('keeps none of its own pods from starting', async () => {
    await bringWebhook(cluster, 'up');
  });

  test('is forgotten once it is back: new pods at once, refused ones as their controller tries again', async () => {
    await waitFor('a new pod', () => cluster.apply([pod('with', 'payments', 'reader')]));
    await available('with');
  });
});
