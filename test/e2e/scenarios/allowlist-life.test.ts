// An allowlist that is created, changed, has expired or is deleted takes effect within two seconds, on every replica, and
// what was refused for want of it recovers by itself.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../harness/wait-for.ts';
import { attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, deployment, namespace, pod } from './support/manifests.ts';
import { roleOfApp } from './support/pods.ts';
import { everyReplica, listReplicas, type Replica } from './support/replicas.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';

const MANY = 50;

suite('the life of an allowlist', () => {
  let cluster: WebhookCluster;
  let replicas: readonly Replica[];

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply(['team', 'waiting', 'brief'].map((name) => namespace(name)));
    replicas = await listReplicas(cluster);
    assert.equal(replicas.length, 2);
  });

  after(() => cluster?.stop());

  const allows = (namespaceName: string, role: string) => async (replica: Replica) =>
    (await replica.review('/validate-pods', namespaceName, pod('app', namespaceName, role))).allowed;
  const refuses = (namespaceName: string, role: string) => async (replica: Replica) =>
    !(await allows(namespaceName, role)(replica));
  const apply = (name: string, spec: object) => cluster.apply([allowlist(name, spec)]);

  /** A whole second, at least so many milliseconds from now. */
  const soon = (ms: number) => new Date(Math.ceil((Date.now() + ms) / 1000) * 1000);
  const toField = (date: Date) => date.toISOString().replace('.000', '');

  /** How often a pod was admitted by a list that expires. */
  const countUses = async () => {
    const counts = await Promise.all(replicas.map(({ metric }) => metric('break_glass_total')));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  /** Waits until the condition Ready of a list says this. A status is written twice in half a minute at the most. */
  const statusOf = (name: string, expected: string) =>
    waitFor(
      `the status of ${name}`,
      async () =>
        (await cluster.kubectl([
          ...['get', 'rral', name, '--output'],
          'jsonpath={.status.conditions[0].status} {.status.conditions[0].reason} {.status.conditions[0].message}',
        ])) === expected,
      { timeoutMs: 60_000 },
    );

  test('one that is created opens its namespaces', async () => {
    await everyReplica(replicas, 'refuses before', refuses('team', 'reader'));
    await apply('team', { namespaces: ['team'], roles: ['reader'] });
    await everyReplica(replicas, 'allows', allows('team', 'reader'));
    assert.equal((await attemptApply(cluster, pod('created', 'team', 'reader'))).error, '');
  });

  test('one that is changed allows what it now says, and nothing else', async () => {
    await apply('team', { namespaces: ['team'], roles: ['writer'] });
    await everyReplica(replicas, 'allows the new role', allows('team', 'writer'));
    await everyReplica(replicas, 'refuses the old role', refuses('team', 'reader'));
    await apply('team', { namespaces: ['team'], roles: ['writer'], serviceAccounts: ['other'] });
    await everyReplica(replicas, 'refuses another account', refuses('team', 'writer'));
    await apply('team', { namespaces: ['other'], roles: ['writer'] });
    await everyReplica(replicas, 'selects another namespace', async (replica) => {
      const { status } = await replica.review('/validate-pods', 'team', pod('app', 'team', 'writer'));
      return status?.message.includes('no allowlist selects this namespace') ?? false;
    });
  });

  test('one that is deleted opens nothing any more', async () => {
    await apply('team', { namespaces: ['team'], roles: ['reader'] });
    await everyReplica(replicas, 'allows', allows('team', 'reader'));
    await cluster.kubectl(['delete', 'rral', 'team']);
    await everyReplica(replicas, 'refuses', refuses('team', 'reader'));
    assert.match(
      (await attemptApply(cluster, pod('deleted', 'team', 'reader'))).error,
      /no allowlist selects/,
    );
  });

  test('one that expires does so at its second, and says so; a later date opens it again', async () => {
    const expiresAt = soon(4_000);
    const spec = { namespaces: ['brief'], roles: ['reader'], reason: 'incident 4711' };
    await apply('brief', { ...spec, expiresAt: toField(expiresAt) });
    await everyReplica(replicas, 'allows', allows('brief', 'reader'));
    const uses = await countUses();
    const before = await attemptApply(cluster, pod('before', 'brief', 'reader'));
    assert.ok(Date.now() < expiresAt.getTime(), 'the machine is too slow for this test');
    assert.equal(before.error, '');
    assert.match(
      before.warnings.join('\n'),
      /^RAM role "reader" is allowed in namespace "brief" for another \ds,/,
    );

    assert.equal(await countUses(), uses + 1);
    const logged = await waitFor('the line of the pod', () =>
      replicas
        .flatMap(({ log }) => log())
        .find((line) => line.includes('"name":"before"') && line.includes('"/validate-pods"')),
    );
    assert.deepEqual(JSON.parse(logged).breakGlass, {
      allowlist: 'brief',
      expiresAt: toField(expiresAt),
      reason: 'incident 4711',
    });

    await sleep(expiresAt.getTime() - Date.now());
    await everyReplica(replicas, 'refuses', refuses('brief', 'reader'));
    const { error } = await attemptApply(cluster, pod('after', 'brief', 'reader'));
    assert.ok(
      error.includes(
        `: the allowlist has expired (brief at ${toField(expiresAt)}). No role is allowed for ServiceAccount "default" (allowlists: brief).`,
      ),
      error,
    );
    for (const { metric } of replicas) {
      assert.equal(await metric('allowlists', { state: 'expired' }), 1);
    }
    await statusOf(
      'brief',
      `True Expired allows nothing since ${toField(expiresAt)}; its violationAction still applies`,
    );

    await apply('brief', { ...spec, expiresAt: toField(soon(3_600_000)) });
    await everyReplica(replicas, 'allows again', allows('brief', 'reader'));
  });

  test(`${MANY} at once are in force together, and both replicas agree on the policy`, async () => {
    const names = Array.from({ length: MANY }, (_, index) => `many-${index}`);
    await cluster.apply(names.map((name) => allowlist(name, { namespaces: [name, 'team'], roles: [name] })));
    for (const name of names) {
      await everyReplica(replicas, `allows ${name}`, allows('team', name));
    }
    const hashes = await Promise.all(
      replicas.map(async ({ probe }) => /policy_info\{hash="([^"]+)"\} 1/.exec(await probe('/metrics'))?.[1]),
    );
    assert.ok(hashes[0]);
    assert.equal(hashes[0], hashes[1]);
    await cluster.kubectl(['delete', 'rral', ...names]);
    for (const name of names) {
      await everyReplica(replicas, `refuses ${name}`, refuses('team', name));
    }
  });

  test('a Deployment that was refused for want of a list, or for an expired one, recovers by itself', async () => {
    await apply('expired', {
      ...{ namespaces: ['waiting'], roles: ['expired-reader'], reason: 'over' },
      expiresAt: toField(soon(-60_000)),
    });
    await everyReplica(replicas, 'knows the list', async (replica) => {
      const response = await replica.review(
        '/validate-pods',
        'waiting',
        pod('app', 'waiting', 'expired-reader'),
      );
      return response.status?.message.includes('has expired') ?? false;
    });
    await cluster.apply([
      deployment('unlisted', 'waiting', 'waiting-reader'),
      deployment('expired', 'waiting', 'expired-reader'),
    ]);
    await refusalOf('unlisted', 'is not allowed in namespace "waiting". ');
    await refusalOf('expired', 'the allowlist has expired');

    await apply('waiting', { namespaces: ['waiting'], roles: ['waiting-*'] });
    await cluster.kubectl([
      ...['patch', 'rral', 'expired', '--type=merge'],
      ...['-p', JSON.stringify({ spec: { expiresAt: toField(soon(3_600_000)) } })],
    ]);
    assert.equal(await roleOfApp(cluster, 'waiting', 'unlisted'), 'waiting-reader');
    assert.equal(await roleOfApp(cluster, 'waiting', 'expired'), 'expired-reader');
    await cluster.kubectl(['rollout', 'status', '-n', 'waiting', 'deployment/unlisted', '--timeout=30s']);
  });

  async function refusalOf(app: string, why: string): Promise<void> {
    const path = 'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}';
    await waitFor(`the refusal of ${app}`, async () =>
      (await cluster.kubectl(['get', 'deployment', app, '-n', 'waiting', '-o', path])).includes(why),
    );
  }
});
