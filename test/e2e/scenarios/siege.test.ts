// What anyone can send to both ports, and what a team can write within its delegation, while pods with an allowed role are
// created: none of them is rejected, and every replica stays ready. The attacks are those of test/siege.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, suite, type TestContext, test } from 'node:test';
import { findAttack } from '../../siege/attacks/all.ts';
import type { Replica } from '../../siege/support/attack.ts';
import { startAttackers } from '../../siege/support/attackers.ts';
import { askHonestly } from '../../siege/support/honest-client.ts';
import { probeUntil } from '../../siege/support/kubelet.ts';
import { patternList } from '../../siege/support/pattern-list.ts';
import { type ApiClient, createApiClient, type KubernetesObject } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { governPayments } from './support/govern-payments.ts';
import { allowlist } from './support/manifests.ts';
import { startPodLoad } from './support/pod-load.ts';
import { listReplicas } from './support/replicas.ts';
import { serverPods } from './support/server-certificates.ts';
import { RELEASE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

/** By name, and the connections to each replica that there are at least. */
const ATTACKS = [
  { name: '1,100 connections with an unfinished small body, renewed every 9 s', connections: 1_100 },
  { name: '990 connections that hold 250,000 of 262,144 bytes, and large bodies', connections: 992 },
  { name: '4 connections that declare 16 MiB and send one byte', connections: 4 },
  { name: '104 unfinished requests of 4 bytes on the probe port, renewed every 6 s', connections: 104 },
  { name: '20,000 GET /metrics at once on one connection', connections: 1 },
] as const;

const SECURE_PORT = 10_250;
const PROBE_PORT = 8_081;
const LEAST_OPEN_FILES = 4_096;
const LEAST_PODS = 20;
const LEAST_ANSWERED = 0.99;
/** The role of which the honest client of test/siege asks. */
const HONEST = { namespaces: ['payments'], roles: ['payments-reader'] };

/** The user `dev` is one of them. */
const TEAM = 'developers';
const DELEGATION = {
  groups: [TEAM],
  listNamePrefix: 'team-a-',
  namespaces: ['team-a-*'],
  roles: ['team-a-*'],
};
/** The most that a delegation allows in an allowlist. */
const MOST = { namespaces: 32, roles: 64 };
const LISTS = 600;
const EDITS = 200;
const WRITERS = 4;
const COLLECTION = '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists';
const CONFIGURATION = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${RELEASE}`;

type List = KubernetesObject & { status?: { conditions?: readonly { reason: string }[] } };
type Configuration = KubernetesObject & { webhooks: readonly { name: string }[] };

suite('attacks while pods with an allowed role are created', () => {
  let cluster: WebhookCluster;
  let admin: ApiClient;
  let team: ApiClient;

  before(async () => {
    const openFiles = String(execFileSync('sh', ['-c', 'ulimit -n'])).trim();
    assert.ok(
      openFiles === 'unlimited' || Number(openFiles) >= LEAST_OPEN_FILES,
      `ulimit -n: expected at least ${LEAST_OPEN_FILES}, found ${openFiles}`,
    );
    cluster = await startWebhookCluster({ delegations: [DELEGATION] });
    const { client, apiServerUrl, authority, users } = cluster.controlPlane;
    admin = client;
    const options = { serverUrl: apiServerUrl, caCertificate: authority.certificate };
    team = createApiClient({ ...options, token: users.dev.token });
    await cluster.apply([allowlist('honest', HONEST)]);
    await governPayments(cluster);
    const role = `--clusterrole=${RELEASE}-allowlist-writer`;
    await cluster.kubectl(['create', 'clusterrolebinding', 'team-lists', role, `--group=${TEAM}`]);
    await waitFor('the right to write', () => team.send('GET', COLLECTION));
  });

  after(async () => {
    team?.close();
    await cluster?.stop();
  });

  async function expectNoHarm(t: TestContext, attack: () => Promise<void>): Promise<void> {
    const before = await stateOfReplicas();
    await using load = startPodLoad(cluster.controlPlane, {
      ...{ namespace: 'payments', role: 'reader', connections: 1 },
    });
    await load.untilMore(LEAST_PODS);
    // The API server of the cluster keeps its connection, and the kubelet probes seldom. Others need more.
    const replicas = await replicaAddresses();
    const over = new AbortController();
    const asking = askHonestly(replicas, ['pod'], over.signal);
    const probing = probeUntil(replicas, over.signal);
    await attack().finally(() => over.abort());
    const { asked, answered, failures } = await asking;
    await load.untilMore(LEAST_PODS);
    const { created, refusals, unanswered, longestMs } = await load.stop();
    t.diagnostic(`${created} pods created, ${refusals.length} refused, the slowest in ${longestMs} ms`);
    assert.deepEqual({ refusals, unanswered }, { refusals: [], unanswered: [] });
    t.diagnostic(`${answered} of ${asked} requests on new connections answered`);
    assert.ok(answered >= asked * LEAST_ANSWERED, [...failures.keys()].join(', '));
    const probes = await probing;
    t.diagnostic(`${probes.missed} of ${probes.asked} probes missed`);
    assert.ok(!probes.isLost);
    assert.deepEqual(await stateOfReplicas(), before);
  }

  /** Each replica is another or has another time if it was restarted, or not ready for a moment. */
  async function stateOfReplicas(): Promise<object> {
    const pods = await serverPods(admin);
    assert.equal(pods.length, 2);
    return pods.map(({ metadata: { name, uid }, status }) => ({
      ...{ name, uid },
      restarts: status?.containerStatuses?.map(({ restartCount }) => restartCount),
      ready: status?.conditions?.find(({ type }) => type === 'Ready'),
    }));
  }

  async function replicaAddresses(): Promise<readonly Replica[]> {
    return (await serverPods(admin)).map(({ status }) => {
      const host = status?.podIP ?? '';
      return { admission: { host, port: SECURE_PORT }, probes: { host, port: PROBE_PORT } };
    });
  }

  for (const { name, connections } of ATTACKS) {
    test(name, (t) =>
      expectNoHarm(t, async () => {
        const replicas = await replicaAddresses();
        const attackers = startAttackers(findAttack(name), replicas);
        await attackers.over;
        const { opened } = await attackers.stop();
        t.diagnostic(`${opened} connections opened`);
        assert.ok(opened >= connections * replicas.length);
      }),
    );
  }

  test('600 allowlists of a team beyond the bound of its delegation, then 200 edits', (t) =>
    expectNoHarm(t, async () => {
      const denied: number[] = [];
      await inParallel(LISTS, async (index) => {
        const { status, body } = await createList(index);
        if (status !== 201) {
          assert.match(body, /the allowlist exceeds a bound/);
          denied.push(index);
        }
      });
      assert.ok(denied.length > 0);
      await removeCheck();
      await inParallel(denied.length, (turn) =>
        waitFor('a list to be created', async () => (await createList(denied[turn] ?? 0)).status === 201),
      );
      await expectOverBound();
      await inParallel(EDITS, async (turn) => {
        const { name, spec } = patternList((turn * 7) % LISTS, MOST, turn);
        await team.send('PATCH', `${COLLECTION}/${name}`, { spec }, 'application/merge-patch+json');
      });
      await expectOverBound();
    }));

  function createList(index: number) {
    const { name, spec } = patternList(index, MOST);
    return team.sendForAnswer('POST', COLLECTION, allowlist(name, spec));
  }

  /** The check of allowlists fails open. What it denies is created as if no replica had answered. */
  async function removeCheck(): Promise<void> {
    const configuration = await admin.send<Configuration>('GET', CONFIGURATION);
    const webhooks = configuration.webhooks.filter(({ name }) => !name.startsWith('validate-allowlists.'));
    assert.equal(webhooks.length, configuration.webhooks.length - 1);
    await admin.send('PUT', CONFIGURATION, { ...configuration, webhooks });
  }

  /** Status, metric and log report it, and the other allowlists are in force. */
  async function expectOverBound(): Promise<void> {
    const reasons = await waitFor('a list that is over the bound', async () => {
      const { items } = await admin.send<{ items: readonly List[] }>('GET', COLLECTION);
      const found = new Map(
        items.map(({ metadata, status }) => [metadata.name, status?.conditions?.[0]?.reason]),
      );
      return [...found.values()].includes('OverBound') && found;
    });
    assert.equal(reasons.size, LISTS + 2);
    assert.equal(reasons.get('payments'), 'Accepted');
    for (const { metric, log } of await listReplicas(cluster)) {
      assert.ok((await metric('allowlists', { state: 'over-bound' })) > 0);
      assert.ok((await metric('allowlists', { state: 'active' })) > 1);
      assert.ok(log().some((line) => line.includes('allowlists over their bound only deny')));
    }
  }
});

/** Calls with 0, 1, 2 and so on, for several at a time. */
async function inParallel(count: number, action: (turn: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      await action(next++);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, work));
}
