// Labels of a namespace decide twice: which lists with a namespaceSelector select it, and whether its pods are ECI pods.
// A change takes effect within two seconds, on every replica.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod } from './support/manifests.ts';
import { roleOf } from './support/pods.ts';
import { everyReplica, listReplicas, patchOf, type Replica } from './support/replicas.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';

suite('labels of a namespace', () => {
  let cluster: WebhookCluster;
  let replicas: readonly Replica[];

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply([
      ...['web', 'plain'].map((name) => namespace(name)),
      namespace('reborn', { trust: 'high' }),
      allowlist('trusted', {
        namespaceSelector: {
          matchLabels: { trust: 'high' },
          matchExpressions: [{ key: 'frozen', operator: 'DoesNotExist' }],
        },
        roles: ['reader'],
        contact: '#trusted',
      }),
      allowlist('plain', { namespaces: ['plain'], roles: ['plain-reader'], defaultRole: 'plain-reader' }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    replicas = await listReplicas(cluster);
    assert.equal(replicas.length, 2);
  });

  after(() => cluster?.stop());

  const label = (name: string, ...labels: readonly string[]) =>
    cluster.kubectl(['label', '--overwrite', 'namespace', name, ...labels]);
  const isAllowed = (replica: Replica) =>
    replica.review('/validate-pods', 'web', pod('app', 'web', 'reader')).then(({ allowed }) => allowed);
  const isRefused = (replica: Replica) => isAllowed(replica).then((allowed) => !allowed);

  test('a namespace that no list selects is refused the role', async () => {
    const { error } = await attemptApply(cluster, pod('app', 'web', 'reader'));
    assert.match(error, /no allowlist selects this namespace\. Contact: your cluster administrator/);
  });

  test('a label that a selector asks for opens the list, on every replica', async () => {
    await label('web', 'trust=high');
    await everyReplica(replicas, 'allows it', isAllowed);
    assert.equal((await attemptApply(cluster, pod('app', 'web', 'reader'))).error, '');
  });

  test('a label that the selector excludes closes it', async () => {
    await label('web', 'frozen=');
    await everyReplica(replicas, 'refuses it', isRefused);
    await label('web', 'frozen-');
    await everyReplica(replicas, 'allows it again', isAllowed);
  });

  test('another value, and taking the label away, close it', async () => {
    await label('web', 'trust=low');
    await everyReplica(replicas, 'refuses it', isRefused);
    await label('web', 'trust=high');
    await everyReplica(replicas, 'allows it again', isAllowed);
    await label('web', 'trust-');
    await everyReplica(replicas, 'refuses it', isRefused);
  });

  test('many changes in a row end with the last', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      await label('web', 'trust=high');
      await label('web', 'trust-');
    }
    await everyReplica(replicas, 'refuses it', isRefused);
    await label('web', 'trust=high');
    await everyReplica(replicas, 'allows it', isAllowed);
  });

  test('a namespace that is deleted and made anew has the labels of the new one', async () => {
    const isSelected = (replica: Replica) =>
      replica
        .review('/validate-pods', 'reborn', pod('app', 'reborn', 'reader'))
        .then(({ allowed }) => allowed);
    await everyReplica(replicas, 'allows it', isSelected);
    await cluster.kubectl(['delete', 'namespace', 'reborn', '--wait']);
    await cluster.apply([namespace('reborn')]);
    await everyReplica(replicas, 'refuses it', async (replica) => !(await isSelected(replica)));
    const { error } = await attemptApply(cluster, pod('app', 'reborn', 'reader'));
    assert.match(error, /no allowlist selects this namespace/);
  });

  /** Without any marker of its own. */
  const unmarked = (name: string) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'plain' } },
    spec: { containers: [{ name: 'test', image: 'centos:7' }] },
  });
  const injects = (replica: Replica) =>
    replica
      .review('/mutate-pods', 'plain', unmarked('app'))
      .then((response) =>
        patchOf(response).some(({ value }) => JSON.stringify(value).includes('plain-reader')),
      );

  for (const marker of ['alibabacloud.com/eci=true', 'virtual-node-affinity-injection=enabled']) {
    test(`${marker} makes the pods of a namespace ECI pods, until it is taken away`, async () => {
      const [key = ''] = marker.split('=');
      const before = `before-${key.length}`;
      const during = `during-${key.length}`;
      await cluster.apply([unmarked(before)]);
      assert.equal(await roleOf(cluster, 'plain', before), undefined);
      await label('plain', marker);
      await everyReplica(replicas, 'injects the default', injects);
      await cluster.apply([unmarked(during)]);
      assert.equal(await roleOf(cluster, 'plain', during), 'plain-reader');
      await label('plain', `${key}-`);
      await everyReplica(replicas, 'injects nothing', async (replica) => !(await injects(replica)));
    });
  }
});
