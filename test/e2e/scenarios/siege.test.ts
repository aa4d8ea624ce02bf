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
import { type ApiClient, createApiClient } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { COLLECTION, createLists, DELEGATION, editLists, expectOverBound, TEAM } from './siege/team-lists.ts';
import { governPayments } from './support/govern-payments.ts';
import { allowlist } from './support/manifests.ts';
import { startPodLoad } from './support/pod-load.ts';
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
      await createLists(admin, team);
      await expectOverBound(cluster, ['honest', 'payments']);
      await editLists(team);
      await expectOverBound(cluster, ['honest', 'payments']);
    }));
});
