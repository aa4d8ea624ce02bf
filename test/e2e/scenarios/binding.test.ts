// A Binding copies its annotations onto the pod, past all admission of updates of pods; so it has to repeat what is there.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION } from './support/manifests.ts';
import { startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

suite('bindings', () => {
  let cluster: WebhookCluster;
  let pods = 0;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.apply([
      namespace('payments'),
      allowlist('payments', { namespaces: ['payments'], roles: ['reader', 'writer'] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'payments', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  /** A pod that no scheduler binds. */
  async function createUnscheduledPod(role: string | undefined): Promise<string> {
    const name = `pod-${pods++}`;
    const unscheduled = pod(name, 'payments', role);
    const spec = { ...('spec' in unscheduled ? (unscheduled.spec as object) : {}), schedulerName: 'nobody' };
    await waitFor('the pod', () => cluster.apply([{ ...unscheduled, spec }]));
    return name;
  }

  /** Binds a pod to a node by one of the two routes, with the annotation where a role, or an empty text, is given. */
  async function bind(route: 'pods/binding' | 'bindings', name: string, role: string | undefined) {
    const path = route === 'bindings' ? 'bindings' : `pods/${name}/binding`;
    const annotations = role === undefined ? {} : { [ROLE_ANNOTATION]: role };
    const { code, stderr } = await cluster.controlPlane.kubectl(
      ['create', '--raw', `/api/v1/namespaces/payments/${path}`, '-f', '-'],
      {
        input: JSON.stringify({
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name, namespace: 'payments', annotations },
          target: { apiVersion: 'v1', kind: 'Node', name: cluster.nodeAgent.nodeName },
        }),
      },
    );
    return { isBound: code === 0, stderr };
  }

  async function roleOf(name: string): Promise<string | undefined> {
    const found = JSON.parse(await cluster.kubectl(['get', 'pod', name, '-n', 'payments', '-o', 'json']));
    return found.metadata.annotations?.[ROLE_ANNOTATION];
  }

  for (const route of ['pods/binding', 'bindings'] as const) {
    const passing = [
      { name: 'without the annotation', of: 'reader', says: undefined },
      { name: 'that repeats the role', of: 'reader', says: 'reader' },
      { name: 'with an empty role for a pod without one', of: undefined, says: '' },
    ];
    for (const { name, of, says } of passing) {
      test(`${route} passes a Binding ${name}`, async () => {
        const bound = await createUnscheduledPod(of);
        const { isBound, stderr } = await bind(route, bound, says);
        assert.ok(isBound, stderr);
        assert.equal((await roleOf(bound)) ?? '', of ?? '');
      });
    }

    const refused = [
      {
        name: 'with another role',
        of: 'reader',
        says: 'writer',
        why: 'names "reader", the Binding "writer"',
      },
      {
        name: 'with a role for a pod without one',
        of: undefined,
        says: 'reader',
        why: 'names no role, the Binding "reader"',
      },
      { name: 'that empties the role', of: 'reader', says: '', why: 'names "reader", the Binding no role' },
    ];
    for (const { name, of, says, why } of refused) {
      test(`${route} refuses a Binding ${name}`, async () => {
        const unbound = await createUnscheduledPod(of);
        const { isBound, stderr } = await bind(route, unbound, says);
        assert.equal(isBound, false);
        assert.ok(stderr.includes(why), stderr);
        assert.equal(await roleOf(unbound), of);
      });
    }
  }

  test('while the webhook is down, Bindings without the annotation pass, those with it wait', async () => {
    const [plain, held] = [await createUnscheduledPod('reader'), await createUnscheduledPod('reader')];
    const release = ['-n', 'eci-ram-role-system'];
    await cluster.kubectl([...release, 'scale', 'deployment', 'eci-ram-role-webhook', '--replicas=0']);
    await cluster.kubectl([...release, 'wait', '--for=delete', 'pods', '--all', '--timeout=60s']);
    assert.equal((await bind('pods/binding', plain, undefined)).isBound, true);
    const { isBound, stderr } = await bind('pods/binding', held, 'reader');
    assert.equal(isBound, false);
    assert.match(stderr, /failed calling webhook "bind\.eci-ram-role\.io"/);
  });
});
