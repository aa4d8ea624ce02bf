// A namespace and its pods in one `kubectl apply`: the pods arrive before our watch tells of the namespace. What only a
// list with a namespaceSelector allows waits for the news; nothing is admitted for want of it.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type FaultyProxy, startFaultyProxy } from '../harness/faulty-proxy.ts';
import { waitFor } from '../harness/wait-for.ts';
import { attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, podTemplate } from './support/manifests.ts';
import { roleOf } from './support/pods.ts';
import { listReplicas } from './support/replicas.ts';
import { startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const NAMESPACES = 20;

suite('a namespace and its pods in one apply', () => {
  let cluster: WebhookCluster;
  let proxy: FaultyProxy;

  before(async () => {
    cluster = await startBareCluster();
    proxy = await startFaultyProxy(cluster.controlPlane);
    cluster.serviceProxy.setApiServer(proxy.address);
    await cluster.install();
    await cluster.apply([
      allowlist('by-name', { namespaces: ['fresh-*'], roles: ['named-*'], defaultRole: 'named-reader' }),
      allowlist('by-label', {
        namespaceSelector: { matchLabels: { tier: 'fresh' } },
        roles: ['labelled-*'],
      }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
  });

  after(async () => {
    await cluster?.stop();
    await proxy?.stop();
  });

  /** In the order in which kubectl creates them. The account comes along: the one that Kubernetes makes may be late. */
  function freshNamespace(name: string, pods: Readonly<Record<string, string | undefined>>): object[] {
    return [
      namespace(name, { tier: 'fresh' }),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: name } },
      ...Object.entries(pods).map(([podName, role]) => {
        const { metadata, spec } = podTemplate(role);
        return {
          ...{ apiVersion: 'v1', kind: 'Pod' },
          metadata: { ...metadata, name: podName, namespace: name },
          spec: { ...spec, serviceAccountName: 'app' },
        };
      }),
    ];
  }

  const names = Array.from({ length: NAMESPACES }, (_, index) => `fresh-${index}`);

  test(`${NAMESPACES} times: allowed by name or label passes, a default is injected, another role is refused`, async () => {
    const { error } = await attempt(
      cluster,
      ['apply', '-f', '-'],
      names.flatMap((name) =>
        freshNamespace(name, {
          labelled: 'labelled-reader',
          named: 'named-writer',
          without: undefined,
          refused: 'other-reader',
        }),
      ),
    );
    const refusals = error.split('\n');
    assert.equal(refusals.length, NAMESPACES, error);
    for (const name of names) {
      assert.ok(
        refusals.some(
          (line) => line.includes(`RAM role "other-reader" is not allowed`) && line.includes(`"${name}"`),
        ),
        error,
      );
      assert.equal(await roleOf(cluster, name, 'labelled'), 'labelled-reader');
      assert.equal(await roleOf(cluster, name, 'named'), 'named-writer');
      assert.equal(await roleOf(cluster, name, 'without'), 'named-reader');
    }
  });

  test('the pod that a selector allows may be the first', async () => {
    for (const index of Array.from({ length: NAMESPACES / 2 }).keys()) {
      const { error } = await attemptApply(
        cluster,
        ...freshNamespace(`label-first-${index}`, { labelled: 'labelled-reader' }),
      );
      assert.equal(error, '');
    }
  });

  test('while the news of a namespace does not arrive, only what its name alone allows passes', async () => {
    proxy.goSilent();
    try {
      const { error } = await attemptApply(
        cluster,
        ...freshNamespace('fresh-unheard', {
          labelled: 'labelled-reader',
          named: 'named-writer',
          without: undefined,
        }),
        ...freshNamespace('unheard', { labelled: 'labelled-reader', without: undefined }),
      );
      const refusals = error.split('\n');
      assert.equal(refusals.length, 2, error);
      for (const [index, { where, allowed }] of [
        {
          where: 'fresh-unheard',
          allowed: 'Allowed for ServiceAccount "app": named-\\* \\(allowlists: by-name\\)\\. ',
        },
        { where: 'unheard', allowed: '' },
      ].entries()) {
        assert.match(
          refusals[index] ?? '',
          new RegExp(
            `^Error from server \\(Forbidden\\): .*RAM role "labelled-reader" is not allowed in namespace "${where}": the webhook does not know this namespace yet; try again\\. ${allowed}Contact: `,
          ),
        );
      }
      assert.equal(await roleOf(cluster, 'fresh-unheard', 'named'), 'named-writer');
      assert.equal(await roleOf(cluster, 'fresh-unheard', 'without'), 'named-reader');
      assert.equal(await roleOf(cluster, 'unheard', 'without'), undefined);

      const replicas = await listReplicas(cluster);
      const counts = await Promise.all(
        replicas.map(({ metric }) => metric('decisions_total', { reason: 'unknown-namespace' })),
      );
      assert.equal(
        counts.reduce((total, count) => total + count, 0),
        2,
      );
    } finally {
      proxy.resume();
      proxy.cutWatches();
    }
  });

  test('trying again helps once the news arrives', async () => {
    await waitFor('the pod to be admitted', async () => {
      const { succeeded } = await attemptApply(
        cluster,
        ...freshNamespace('unheard', { labelled: 'labelled-reader' }),
      );
      return succeeded;
    });
    assert.equal(await roleOf(cluster, 'unheard', 'labelled'), 'labelled-reader');
  });
});
