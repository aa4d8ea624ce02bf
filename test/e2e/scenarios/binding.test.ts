// A Binding copies its annotations onto the pod, past all admission of updates of pods; so it has to repeat what is there.
// And what others write at the moment of binding meets the same walls.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type ApiClient, createApiClient } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { startBindingFlood } from './support/binding-flood.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION, unscheduledPod } from './support/manifests.ts';
import { type OtherWebhook, startOtherWebhook } from './support/other-webhook.ts';
import { patchPod, type WriteResult } from './support/pod-writes.ts';
import { roleOf } from './support/pods.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook, unreachable } from './support/webhook-outage.ts';

const NAMESPACE = 'payments';
/** Where somebody else's webhook writes into each Binding, and where somebody's patches each pod that is bound. */
const WRITTEN = 'written';
const PATCHED = 'patched';

const ROUTES = [
  { road: 'POST of pods/binding', path: (name: string) => `pods/${name}/binding` },
  { road: 'POST of bindings', path: () => 'bindings' },
];

/** Bindings by the role of the pod and what they say; undefined is no annotation. */
const PASSING = [
  { what: 'without the annotation', of: 'reader', says: undefined },
  { what: 'that repeats the role', of: 'reader', says: 'reader' },
  { what: 'with an empty role for a pod without one', of: undefined, says: '' },
];
const REFUSED = [
  { what: 'with another role', of: 'reader', says: 'writer', why: 'to "writer"; leave annotation' },
  {
    what: 'with a role for a pod without one',
    of: undefined,
    says: 'reader',
    why: 'to "reader"; leave annotation',
  },
  { what: 'that empties the role', of: 'reader', says: '', why: 'to no role; leave annotation' },
];

suite('bindings', () => {
  let cluster: WebhookCluster;
  let selector: ApiClient;
  const others: OtherWebhook[] = [];
  const created: Record<string, string> = {};
  /** What became of the patches of the Selector-like writer, by pod. */
  const patches = new Map<string, WriteResult>();

  before(async () => {
    cluster = await acquireCluster();
    const namespaces = [NAMESPACE, WRITTEN, PATCHED];
    await cluster.apply([
      ...namespaces.map((name) => namespace(name)),
      allowlist('payments', { namespaces, roles: ['reader', 'writer'] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'payments', '--timeout=30s']);
    await createPods();
    selector = await createSelector();
    others.push(
      await startOtherWebhook(cluster, {
        ...{ name: 'aaa-binding-writer', namespace: WRITTEN, resource: 'pods/binding' },
        change: () => [{ op: 'add', path: '/metadata/annotations', value: { [ROLE_ANNOTATION]: 'writer' } }],
      }),
      await startOtherWebhook(cluster, {
        ...{ name: 'aaa-selector', namespace: PATCHED, resource: 'pods/binding' },
        change: async ({ metadata: { name } }) => {
          const patch = { metadata: { annotations: { [ROLE_ANNOTATION]: 'writer' } } };
          patches.set(name, await patchPod({ client: selector, namespace: PATCHED }, name, '', patch));
          return [];
        },
      }),
    );
  });

  after(async () => {
    selector?.close();
    await Promise.all(others.map((other) => other.stop()));
    await cluster?.stop();
  });

  const keyOf = (...parts: readonly string[]) => parts.join(': ');

  /** A pod for each test: once the webhook is down no pod with a role can be created. */
  async function createPods(): Promise<void> {
    const objects = ['up', 'down'].flatMap((state) =>
      ROUTES.flatMap(({ road }) =>
        [...PASSING, ...REFUSED].map(({ what, of }) => {
          const name = `pod-${Object.keys(created).length}`;
          created[keyOf(state, road, what)] = name;
          return unscheduledPod(name, NAMESPACE, of);
        }),
      ),
    );
    const watched = ['up', 'down'].flatMap((state) => [
      unscheduledPod(`${WRITTEN}-${state}`, WRITTEN, 'reader'),
      unscheduledPod(`${PATCHED}-${state}`, PATCHED, 'reader'),
      unscheduledPod(`plain-${state}`, PATCHED, undefined),
    ]);
    await waitFor('the pods', () => cluster.apply([...objects, ...watched]));
  }

  /** eci-profile's own identity, with the rights that its manifests give it on pods. */
  async function createSelector(): Promise<ApiClient> {
    const { client, apiServerUrl, authority } = cluster.controlPlane;
    await cluster.kubectl(['create', 'serviceaccount', 'eci-profile', '-n', 'kube-system']);
    await cluster.kubectl([
      ...['create', 'clusterrole', 'eci-profile', '--resource=pods', '--verb=get,list,watch,update,patch'],
    ]);
    await cluster.kubectl([
      ...['create', 'clusterrolebinding', 'eci-profile', '--clusterrole=eci-profile'],
      '--serviceaccount=kube-system:eci-profile',
    ]);
    const { status } = await client.send<{ status: { token: string } }>(
      'POST',
      '/api/v1/namespaces/kube-system/serviceaccounts/eci-profile/token',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    );
    return createApiClient({
      ...{ serverUrl: apiServerUrl, caCertificate: authority.certificate, token: status.token },
    });
  }

  function bindingOf(name: string, namespaceName: string, role: string | undefined, uid?: string): object {
    const annotations = role === undefined ? {} : { [ROLE_ANNOTATION]: role };
    return {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace: namespaceName, annotations, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: cluster.nodeAgent.nodeName },
    };
  }

  /** Binds a pod to the node by a path, with the annotation where a role, or an empty text, is given. */
  async function bind(
    path: string,
    name: string,
    role: string | undefined,
    namespaceName = NAMESPACE,
    uid?: string,
  ) {
    const { code, stderr } = await cluster.controlPlane.kubectl(
      ['create', '--raw', `/api/v1/namespaces/${namespaceName}/${path}`, '-f', '-'],
      {
        input: JSON.stringify(bindingOf(name, namespaceName, role, uid)),
      },
    );
    return { isBound: code === 0, stderr };
  }

  async function passes(path: string, name: string, says: string | undefined, of: string | undefined) {
    const { isBound, stderr } = await bind(path, name, says);
    assert.ok(isBound, stderr);
    assert.equal((await roleOf(cluster, NAMESPACE, name)) ?? '', of ?? '');
  }

  for (const state of ['up', 'down'] as const) {
    suite(`while the webhook is ${state}`, () => {
      before(() => bringWebhook(cluster, state));

      const nameOf = (road: string, what: string) => created[keyOf(state, road, what)] ?? '';

      for (const { road, path } of ROUTES) {
        for (const { what, of, says } of state === 'up' ? PASSING : PASSING.slice(0, 1)) {
          test(`${road} ${what} passes`, () => {
            const name = nameOf(road, what);
            return passes(path(name), name, says, of);
          });
        }

        const refused =
          state === 'up'
            ? REFUSED.map((row) => ({ ...row, why: new RegExp(RegExp.escape(row.why)) }))
            : [...PASSING.slice(1), ...REFUSED].map((row) => ({
                ...row,
                why: unreachable('validate-bindings'),
              }));
        for (const { what, of, says, why } of refused) {
          test(`${road} ${what} is refused`, async () => {
            const name = nameOf(road, what);
            const { isBound, stderr } = await bind(path(name), name, says);
            assert.equal(isBound, false);
            assert.match(stderr, why);
            assert.equal(await roleOf(cluster, NAMESPACE, name), of);
          });
        }
      }

      const WRITER = { road: 'a mutating webhook that writes into Bindings' };
      test(`${WRITER.road} is refused`, async () => {
        const name = `${WRITTEN}-${state}`;
        const { isBound, stderr } = await bind(`pods/${name}/binding`, name, undefined, WRITTEN);
        assert.equal(isBound, false);
        assert.match(
          stderr,
          state === 'up' ? /to "writer"; leave annotation/ : unreachable('validate-bindings'),
        );
        assert.equal(await roleOf(cluster, WRITTEN, name), 'reader');
      });

      const SELECTOR = { road: 'the patch of a pod by a Selector at its binding' };
      for (const [name, was] of [
        [`${PATCHED}-${state}`, 'reader'],
        [`plain-${state}`, undefined],
      ] as const) {
        test(`${SELECTOR.road} is refused, and ${name} is bound as it was`, async () => {
          const { isBound, stderr } = await bind(`pods/${name}/binding`, name, undefined, PATCHED);
          assert.ok(isBound, stderr);
          assert.equal(patches.get(name)?.isAccepted, false);
          assert.match(
            patches.get(name)?.message ?? '',
            /cannot change after a pod is created: it is "(?:reader)?"/,
          );
          assert.equal(await roleOf(cluster, PATCHED, name), was);
        });
      }
    });
  }

  test('POST of pods/binding is held to the uid that it names, where its pod was created anew', async () => {
    await bringWebhook(cluster, 'up');
    const create = async () => {
      await waitFor('the pod', () => cluster.apply([unscheduledPod('anew', NAMESPACE, 'reader')]));
      return cluster.kubectl(['get', 'pod', 'anew', '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}']);
    };
    const before = await create();
    await cluster.kubectl(['delete', 'pod', 'anew', '-n', NAMESPACE, '--grace-period=0', '--force']);
    const now = await create();
    const bindTo = (uid: string) => bind('pods/anew/binding', 'anew', 'reader', NAMESPACE, uid);
    assert.match((await bindTo(before)).stderr, /Precondition failed: UID/);
    assert.deepEqual(await bindTo(now), { isBound: true, stderr: '' });
  });

  test('Bindings pass while another address floods /validate-bindings', async () => {
    await bringWebhook(cluster, 'up');
    const names = Array.from({ length: 100 }, (_, index) => `honest-${index}`);
    await waitFor('the pods', () =>
      cluster.apply(names.map((name) => unscheduledPod(name, NAMESPACE, 'reader'))),
    );
    const flood = await startBindingFlood(cluster);
    const failures: string[] = [];
    for (const name of names) {
      const { status, body } = await cluster.controlPlane.client.sendForAnswer(
        'POST',
        `/api/v1/namespaces/${NAMESPACE}/pods/${name}/binding`,
        bindingOf(name, NAMESPACE, 'reader'),
      );
      if (status !== 201) {
        failures.push(body);
      }
    }
    const answers = await flood.stop();
    assert.ok(failures.length <= 1, failures.join('\n'));
    assert.ok((answers.get(200) ?? 0) > names.length, JSON.stringify([...answers]));
  });

  test('the scheduler itself binds pods with a role while the webhook is up', async () => {
    await bringWebhook(cluster, 'up');
    await waitFor('the pod', () => cluster.apply([pod('scheduled', NAMESPACE, 'reader')]));
    await cluster.kubectl([
      ...['wait', '--for=condition=Ready', 'pod/scheduled', '-n', NAMESPACE, '--timeout=30s'],
    ]);
  });
});
