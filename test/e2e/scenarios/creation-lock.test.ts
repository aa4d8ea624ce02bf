// A role that is right at a pod's creation stays: whoever may change pods, by whatever route, with the webhook up or down.
// The list that allowed the roles is gone by then, so everything else about these pods must go on as ever.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { readThreatModel } from '../../docs/read-threat-model.ts';
import type { ApiClient } from '../harness/api-client.ts';
import type { Pod } from '../harness/kubernetes-objects.ts';
import { waitFor } from '../harness/wait-for.ts';
import { readAuditLog } from './support/audit-log.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, ROLE_ANNOTATION, unscheduledPod } from './support/manifests.ts';
import { patchPod, putPod, type WriteResult, withRole } from './support/pod-writes.ts';
import { roleOf } from './support/pods.ts';
import { createTenant } from './support/tenant.ts';
import { RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook } from './support/webhook-outage.ts';

const NAMESPACE = 'payments';
const STATES = ['up', 'down'] as const;
const ROLE_PATH = `/metadata/annotations/${ROLE_ANNOTATION.replaceAll('/', '~1')}`;
/** A value to write; null takes the annotation away. */
type Value = string | null;
const ANY_VALUE: readonly Value[] = ['writer', '', null];
const GATED = { schedulingGates: [{ name: 'example.com/quota' }] };
const RESOURCES = (cpu: string) => ({ limits: { cpu }, requests: { cpu } });

const refusalOf = (was: string) =>
  `annotation ${ROLE_ANNOTATION} cannot change after a pod is created: it is "${was}"; to run as another RAM role, create the pod anew`;

suite('the creation lock', () => {
  let cluster: WebhookCluster;
  let tenant: ApiClient;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.apply([
      namespace(NAMESPACE),
      allowlist('payments', { namespaces: [NAMESPACE], roles: ['reader', 'writer'] }),
    ]);
    tenant = await createTenant(cluster, NAMESPACE);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'payments', '--timeout=30s']);
    const container = { name: 'test', image: 'centos:7', resources: RESOURCES('1') };
    const pods = STATES.flatMap((state) => [
      unscheduledPod(`held-${state}`, NAMESPACE, 'reader', { containers: [container] }),
      unscheduledPod(`plain-${state}`, NAMESPACE, undefined, { containers: [container] }),
      unscheduledPod(`audited-${state}`, NAMESPACE, 'reader'),
      unscheduledPod(`gated-${state}`, NAMESPACE, 'reader', { ...GATED, schedulerName: 'default-scheduler' }),
    ]);
    await waitFor('the pods', () => cluster.apply(pods));
    await cluster.kubectl(['delete', 'rral', 'payments']);
    await waitFor('the deletion to count', async () => {
      const create = ['create', '--dry-run=server', '-f', '-'];
      const { error } = await attempt(cluster, create, [unscheduledPod('late', NAMESPACE, 'reader')]);
      return error.includes('no allowlist selects the namespace');
    });
  });

  after(async () => {
    tenant?.close();
    await cluster?.stop();
  });

  /** Runs kubectl as the tenant, with an object as its standard input where there is one. */
  async function kubectl(args: readonly string[], object?: object): Promise<WriteResult> {
    const { code, stderr } = await cluster.controlPlane.kubectl(['-n', NAMESPACE, ...args], {
      as: 'dev',
      input: JSON.stringify(object ?? ''),
    });
    return { isAccepted: code === 0, message: stderr };
  }

  const readPod = (name: string) => tenant.send<Pod>('GET', `/api/v1/namespaces/${NAMESPACE}/pods/${name}`);
  const patch = (name: string, ...args: readonly string[]) => kubectl(['patch', 'pod', name, ...args]);
  const patchOf = (value: Value) =>
    JSON.stringify({ metadata: { annotations: { [ROLE_ANNOTATION]: value } } });
  const jsonPatchOf = (value: Value) =>
    value === null ? { op: 'remove', path: ROLE_PATH } : { op: 'add', path: ROLE_PATH, value };

  const ROADS: readonly Readonly<{
    road: string;
    values?: readonly Value[];
    write: (name: string, value: Value) => Promise<WriteResult>;
  }>[] = [
    {
      road: 'kubectl annotate',
      write: (name, value) => {
        const change = value === null ? `${ROLE_ANNOTATION}-` : `${ROLE_ANNOTATION}=${value}`;
        return kubectl(['annotate', '--overwrite', `pod/${name}`, change]);
      },
    },
    {
      road: 'kubectl patch --type=merge',
      write: (name, value) => patch(name, '--type=merge', '-p', patchOf(value)),
    },
    {
      road: 'kubectl patch --type=json',
      write: (name, value) => patch(name, '--type=json', '-p', JSON.stringify([jsonPatchOf(value)])),
    },
    {
      road: 'kubectl patch --type=strategic',
      write: (name, value) => patch(name, '--type=strategic', '-p', patchOf(value)),
    },
    {
      road: 'kubectl replace',
      write: async (name, value) => kubectl(['replace', '-f', '-'], withRole(await readPod(name), value)),
    },
    {
      road: 'kubectl apply of a pod that exists',
      write: async (name, value) => kubectl(['apply', '-f', '-'], withRole(await readPod(name), value)),
    },
    {
      road: 'kubectl apply --server-side of a pod that exists',
      // What is left out is taken away only from the manager that has set it.
      values: ['writer', ''],
      write: (name, value) =>
        kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
          ...{ apiVersion: 'v1', kind: 'Pod' },
          metadata: { name, namespace: NAMESPACE, annotations: { [ROLE_ANNOTATION]: value } },
        }),
    },
  ];

  const STATUS_ROADS: typeof ROADS = [
    {
      road: 'kubectl patch --subresource=status',
      write: (name, value) => patch(name, '--subresource=status', '--type=merge', '-p', patchOf(value)),
    },
    {
      road: 'kubectl replace --subresource=status',
      write: async (name, value) =>
        kubectl(['replace', '--subresource=status', '-f', '-'], withRole(await readPod(name), value)),
    },
  ];

  const debugContainer = (name: string) => ({
    ephemeralContainers: [{ name, image: 'centos:7', terminationMessagePolicy: 'File' }],
  });
  const otherAnnotation = (value: Value) => ({ annotations: { [ROLE_ANNOTATION]: value } });
  const resized = (cpu: string) => ({ containers: [{ name: 'test', resources: RESOURCES(cpu) }] });

  /** Of these the API server takes the spec alone, so the write passes and the annotation stays. */
  const IGNORED: typeof ROADS = [
    {
      road: 'PATCH of pods/ephemeralcontainers',
      write: (name, value) =>
        patchPod(tenant, NAMESPACE, name, '/ephemeralcontainers', {
          ...{ metadata: otherAnnotation(value), spec: debugContainer(`patched-${value}`.replace(/-$/, '')) },
        }),
    },
    {
      road: 'PUT of pods/ephemeralcontainers',
      write: (name, value) =>
        putPod(tenant, NAMESPACE, name, '/ephemeralcontainers', (pod) => withRole(pod, value)),
    },
    {
      road: 'PATCH of pods/resize',
      write: (name, value) =>
        patchPod(tenant, NAMESPACE, name, '/resize', {
          metadata: otherAnnotation(value),
          spec: resized('2'),
        }),
    },
    {
      road: 'PUT of pods/resize',
      write: (name, value) => putPod(tenant, NAMESPACE, name, '/resize', (pod) => withRole(pod, value)),
    },
  ];

  const status = (change: object) => (pod: Pod) => ({ ...pod, status: { ...pod.status, ...change } });
  const annotated = (key: string) => JSON.stringify({ metadata: { annotations: { [key]: 'eci-2' } } });

  const UNRELATED: readonly Readonly<{ what: string; write: (name: string) => Promise<WriteResult> }>[] = [
    {
      what: 'the annotation that a virtual kubelet writes',
      write: (name) => kubectl(['annotate', `pod/${name}`, 'k8s.aliyun.com/eci-instance-id=eci-1']),
    },
    {
      what: 'the same by way of the status',
      write: (name) =>
        patch(
          name,
          '--subresource=status',
          '--type=merge',
          '-p',
          annotated('k8s.aliyun.com/eci-instance-id'),
        ),
    },
    { what: 'a label', write: (name) => kubectl(['label', `pod/${name}`, 'tier=backend']) },
    {
      what: 'a finalizer that comes',
      write: (name) => patch(name, '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/x"]}}'),
    },
    {
      what: 'a finalizer that goes',
      write: (name) => patch(name, '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]'),
    },
    {
      what: 'a patch of the status',
      write: (name) => patchPod(tenant, NAMESPACE, name, '/status', { status: { message: 'fine' } }),
    },
    {
      what: "a PUT of the status with a node's whole copy of the pod",
      write: (name) => putPod(tenant, NAMESPACE, name, '/status', status({ reason: 'Fine' })),
    },
    {
      what: 'an ephemeral container',
      write: (name) =>
        patchPod(tenant, NAMESPACE, name, '/ephemeralcontainers', { spec: debugContainer('debugger') }),
    },
    {
      what: 'other resources',
      write: (name) => patchPod(tenant, NAMESPACE, name, '/resize', { spec: resized('500m') }),
    },
  ];

  /** Has the lock answer writes of a pod's status by Audit, its default, or Deny; resolves when it does. */
  async function setStatusAction(action: 'Audit' | 'Deny', probed: string): Promise<void> {
    await cluster.kubectl([
      ...['patch', 'validatingadmissionpolicybinding', `${RELEASE}-creation-lock-status`, '--type=merge'],
      ...['-p', JSON.stringify({ spec: { validationActions: [action] } })],
    ]);
    await waitFor(`${action} to count`, async () => {
      const probe = ['--subresource=status', '--type=merge', '--dry-run=server', '-p', patchOf('probe')];
      return (await patch(probed, ...probe)).isAccepted === (action === 'Audit');
    });
  }

  for (const state of STATES) {
    suite(`while the webhook is ${state}`, () => {
      const held = `held-${state}`;
      const plain = `plain-${state}`;
      const audited = `audited-${state}`;
      const gated = `gated-${state}`;

      before(() => bringWebhook(cluster, state));

      async function refuses(name: string, was: string, write: Promise<WriteResult>): Promise<void> {
        const { isAccepted, message } = await write;
        assert.equal(isAccepted, false);
        assert.ok(message.includes(refusalOf(was)), message);
        assert.equal((await roleOf(cluster, NAMESPACE, name)) ?? '', was);
      }

      for (const { road, values = ANY_VALUE, write } of ROADS) {
        for (const value of values) {
          test(`${road} cannot change the role to ${JSON.stringify(value)}`, () =>
            refuses(held, 'reader', write(held, value)));
        }
        test(`${road} cannot give a role to a pod that has none`, () =>
          refuses(plain, '', write(plain, 'reader')));
      }

      for (const { road, write } of IGNORED) {
        for (const value of ANY_VALUE) {
          test(`${road} carries the value ${JSON.stringify(value)} in vain`, async () => {
            const { isAccepted, message } = await write(held, value);
            assert.ok(isAccepted, message);
            assert.equal(await roleOf(cluster, NAMESPACE, held), 'reader');
          });
        }
      }

      suite('the status, by default', () => {
        before(() => setStatusAction('Audit', held));

        for (const { road, write } of STATUS_ROADS) {
          test(`${road} changes the role, lest a stale copy of a virtual kubelet freezes, and is audited`, async () => {
            assert.ok((await write(audited, 'writer')).isAccepted);
            assert.equal(await roleOf(cluster, NAMESPACE, audited), 'writer');
            assert.ok((await write(audited, null)).isAccepted);
            assert.equal(await roleOf(cluster, NAMESPACE, audited), undefined);
            assert.ok((await write(audited, 'reader')).isAccepted);
            const changes = await waitFor('the audit log', () => {
              const found = roleChangesOf(audited).slice(-3);
              return found.length === 3 && found;
            });
            assert.deepEqual(changes, ['"reader" to "writer"', '"writer" to ""', '"" to "reader"']);
          });
        }
      });

      suite('the status, under Deny', () => {
        before(() => setStatusAction('Deny', held));

        for (const { road, write } of STATUS_ROADS) {
          for (const value of ANY_VALUE) {
            test(`${road} cannot change the role to ${JSON.stringify(value)}`, () =>
              refuses(held, 'reader', write(held, value)));
          }
          test(`${road} cannot give a role to a pod that has none`, () =>
            refuses(plain, '', write(plain, 'reader')));
        }

        for (const { what, write } of UNRELATED) {
          test(`lets pass, though the role is no longer allowed: ${what}`, async () => {
            for (const name of [held, plain]) {
              const { isAccepted, message } = await write(name);
              assert.ok(isAccepted, message);
            }
            assert.equal(await roleOf(cluster, NAMESPACE, held), 'reader');
            assert.equal(await roleOf(cluster, NAMESPACE, plain), undefined);
          });
        }
      });

      const OPENED = { spec: { schedulingGates: null } };
      for (const { road, change } of [
        { road: 'a patch while scheduling gates are closed', change: {} },
        { road: 'a patch that opens the scheduling gates', change: OPENED },
      ]) {
        test(`${road} cannot change the role`, () =>
          refuses(
            gated,
            'reader',
            patch(
              gated,
              '--type=merge',
              '-p',
              JSON.stringify({ ...JSON.parse(patchOf('writer')), ...change }),
            ),
          ));
      }

      test('a pod whose scheduling gates are opened runs with the role that it was created with', async () => {
        assert.ok((await patch(gated, '--type=merge', '-p', JSON.stringify(OPENED))).isAccepted);
        await cluster.kubectl([
          'wait',
          '--for=condition=Ready',
          `pod/${gated}`,
          '-n',
          NAMESPACE,
          '--timeout=30s',
        ]);
        assert.equal(await roleOf(cluster, NAMESPACE, gated), 'reader');
      });

      const EVICTION = { road: 'POST of pods/eviction' };
      test(`${EVICTION.road} deletes the pod, and carries a value in vain`, async () => {
        const finalizers = (names: readonly string[]) => JSON.stringify({ metadata: { finalizers: names } });
        assert.ok((await patch(gated, '--type=merge', '-p', finalizers(['example.com/x']))).isAccepted);
        await tenant.send('POST', `/api/v1/namespaces/${NAMESPACE}/pods/${gated}/eviction`, {
          ...{
            apiVersion: 'policy/v1',
            kind: 'Eviction',
            metadata: { name: gated, ...otherAnnotation('writer') },
          },
        });
        const { metadata } = await readPod(gated);
        assert.equal(metadata.annotations?.[ROLE_ANNOTATION], 'reader');
        assert.ok(metadata.deletionTimestamp);
        assert.ok((await patch(gated, '--type=merge', '-p', finalizers([]))).isAccepted);
        await cluster.kubectl(['wait', '--for=delete', `pod/${gated}`, '-n', NAMESPACE, '--timeout=60s']);
      });

      test('lets a pod be deleted whose role is no longer allowed', async () => {
        await kubectl(['delete', 'pod', held, '--timeout=30s']);
        await assert.rejects(readPod(held), /404/);
      });
    });
  }

  /** What the lock wrote into the audit log about a pod, oldest first. */
  function roleChangesOf(name: string): readonly string[] {
    return readAuditLog(cluster)
      .filter(({ objectRef }) => objectRef?.resource === 'pods' && objectRef.name === name)
      .flatMap(({ annotations = {} }) => annotations[`${RELEASE}-creation-lock/role-changed`] ?? []);
  }

  test('the threat model names every subresource of pods that can be written', async () => {
    const { resources } = await tenant.send<{
      resources: readonly { name: string; verbs: readonly string[] }[];
    }>('GET', '/api/v1');
    const writable = resources
      .filter(({ name, verbs }) => name.startsWith('pods/') || (name === 'bindings' && verbs.length > 0))
      .filter(({ verbs }) => verbs.some((verb) => ['create', 'update', 'patch'].includes(verb)))
      .map(({ name }) => name);
    const { subresources } = readThreatModel();
    const named = subresources.map(({ resource }) => resource);
    assert.ok(writable.includes('pods/binding') && writable.includes('bindings'), writable.join());
    assert.deepEqual(
      writable.filter((name) => !named.includes(name)),
      [],
    );
  });
});
