// An installation over pods that have roles already takes two steps: first it only warns, then, once every namespace has
// its list, it denies. See docs/install.md.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist, deployment, namespace, pod, ROLE_ANNOTATION } from './support/manifests.ts';
import {
  CHART,
  NAMESPACE,
  RELEASE,
  startBareCluster,
  type WebhookCluster,
} from './support/webhook-cluster.ts';

const WORKLOADS = [
  { name: 'api', namespace: 'payments', role: 'payments-reader' },
  { name: 'web', namespace: 'shop', role: 'shop-writer' },
] as const;
const SERVER_PODS = `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/component=webhook`;

type RunningPod = Readonly<{ uid: string; name: string; role: string | undefined }>;

suite('an installation into a cluster already in use', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startBareCluster();
    await cluster.apply([namespace('payments'), namespace('shop')]);
    await cluster.apply(WORKLOADS.map(({ name, namespace, role }) => deployment(name, namespace, role)));
    await untilRolledOut();
  });

  after(() => cluster?.stop());

  async function untilRolledOut(): Promise<void> {
    for (const { name, namespace } of WORKLOADS) {
      await cluster.kubectl(['rollout', 'status', `deployment/${name}`, '-n', namespace, '--timeout=30s']);
    }
  }

  async function restart(): Promise<void> {
    for (const { name, namespace } of WORKLOADS) {
      await cluster.kubectl(['rollout', 'restart', `deployment/${name}`, '-n', namespace]);
    }
    await untilRolledOut();
  }

  async function runningPods(): Promise<readonly RunningPod[]> {
    const answers = await Promise.all(
      WORKLOADS.map(({ namespace }) => cluster.kubectl(['get', 'pods', '-n', namespace, '-o', 'json'])),
    );
    return answers
      .flatMap((answer) => JSON.parse(answer).items)
      .map(({ metadata }) => ({
        uid: metadata.uid,
        name: metadata.name,
        role: metadata.annotations?.[ROLE_ANNOTATION],
      }));
  }

  /** The command of docs/install.md: what Deny would refuse. */
  async function namespacesWithoutList(): Promise<readonly string[]> {
    const log = await cluster.kubectl(['logs', '-n', NAMESPACE, '-l', SERVER_PODS, '--tail=-1']);
    const lines = log.split('\n').filter((line) => line.includes('"reason":"no-allowlist"'));
    return [...new Set(lines.map((line) => String(JSON.parse(line).namespace)))].sort();
  }

  const roles = async () => (await runningPods()).map(({ role }) => role).sort();
  const wantedRoles = WORKLOADS.map(({ role }) => role);

  test('leaves the pods that run as they are', async () => {
    const pods = await runningPods();
    await cluster.install({ unlistedNamespaces: 'Warn' });
    assert.deepEqual(await runningPods(), pods);
    assert.deepEqual(await namespacesWithoutList(), []);
  });

  test('refuses no restart in the first step, and logs what the second would refuse', async () => {
    const before = await runningPods();
    await restart();
    await waitFor('the old pods to end', async () => (await runningPods()).length === WORKLOADS.length);
    const after = await runningPods();
    assert.ok(after.every(({ uid }) => before.every((old) => old.uid !== uid)));
    assert.deepEqual(await roles(), wantedRoles);
    assert.deepEqual(await namespacesWithoutList(), ['payments', 'shop']);
  });

  test('warns the user who creates such a pod', async () => {
    const { code, stderr } = await cluster.controlPlane.kubectl(['create', '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(pod('test', 'shop', 'shop-writer')),
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Warning: .*RAM role "shop-writer".*no allowlist selects this namespace/);
  });

  test('refuses a protected role even in the first step', async () => {
    await assert.rejects(
      cluster.apply([pod('thief', 'shop', 'KubernetesWorkerRole-1')]),
      /denied the request/,
    );
  });

  test('refuses no restart in the second step, once the namespaces have their lists', async () => {
    await cluster.apply([
      allowlist('payments', { namespaces: ['payments'], roles: ['payments-*'] }),
      allowlist('shop', { namespaces: ['shop'], roles: ['shop-writer'] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    // The command of docs/install.md.
    await cluster.helm(
      ...[
        'upgrade',
        RELEASE,
        CHART,
        '--wait',
        '--reset-then-reuse-values',
        '--set',
        'unlistedNamespaces=Deny',
      ],
    );
    await restart();
    await waitFor('the old pods to end', async () => (await runningPods()).length === WORKLOADS.length);
    assert.deepEqual(await roles(), wantedRoles);
    // Replicas of the first step keep their log until they have ended.
    await waitFor('a log without such pods', async () => (await namespacesWithoutList()).length === 0);
  });

  test('then refuses what no list allows', async () => {
    await assert.rejects(
      cluster.apply([pod('thief', 'shop', 'payments-reader')]),
      /Allowed for ServiceAccount "default": shop-writer /,
    );
    await assert.rejects(
      cluster.apply([pod('thief', 'default', 'shop-writer')]),
      /no allowlist selects this namespace/,
    );
  });
});
