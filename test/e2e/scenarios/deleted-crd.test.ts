// Somebody deletes the CustomResourceDefinition, and the API server all allowlists with it: the replicas that run decide as
// before, until the allowlists are restored or discarded.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION } from './support/manifests.ts';
import { startPodLoad } from './support/pod-load.ts';
import { listReplicas, type Replica } from './support/replicas.ts';
import { CHART, NAMESPACE, startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const CRD = 'ramroleallowlists.eci-ram-role.io';
const CRD_FILE = join(CHART, 'crds', 'ramroleallowlists.yaml');
const NAMES = Array.from({ length: 12 }, (_, index) => `team-${index}`);

suite('a deleted CustomResourceDefinition', () => {
  let cluster: WebhookCluster;
  let replicas: readonly Replica[];

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.apply(NAMES.map((name) => namespace(name)));
    await restore();
    replicas = await listReplicas(cluster);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  const restore = () =>
    cluster.apply(
      NAMES.map((name) => allowlist(name, { namespaces: [name], roles: ['reader'], defaultRole: 'reader' })),
    );

  async function restoreCrd(): Promise<void> {
    await cluster.kubectl(['apply', '--server-side', '-f', CRD_FILE]);
    await cluster.kubectl(['wait', '--for=condition=Established', `crd/${CRD}`, '--timeout=30s']);
  }

  const deleteCrd = () => cluster.kubectl(['delete', 'crd', CRD, '--timeout=60s']);

  /** Waits until every replica holds so many allowlists. */
  async function untilHeld(count: number): Promise<void> {
    for (const replica of replicas) {
      await waitFor(
        `${replica.name} to hold ${count}`,
        async () => (await replica.metric('held_allowlists')) === count,
      );
    }
  }

  const createPod = (role: string | undefined, where = 'team-0') =>
    attempt(cluster, ['create', '--dry-run=server', '-o', 'json', '-f', '-'], [pod('test', where, role)]);

  async function assertInForce(where: string): Promise<void> {
    const { succeeded, printed, error } = await createPod(undefined, where);
    assert.ok(succeeded, error);
    assert.equal(JSON.parse(printed).metadata.annotations?.[ROLE_ANNOTATION], 'reader');
    assert.equal((await createPod('reader', where)).error, '');
    assert.match((await createPod('writer', where)).error, /is not allowed/);
  }

  test('while allowlists are only deleted, they count as deleted at once', async () => {
    await cluster.kubectl(['delete', 'rral', 'team-11']);
    await waitFor('the denial', async () => !(await createPod('reader', 'team-11')).succeeded, {
      timeoutMs: 2_000,
    });
    await untilHeld(0);
    await restore();
    await waitFor('the allowlist', async () => (await createPod('reader', 'team-11')).succeeded);
  });

  test('changes no decision while pods are created, and is reported', async (t) => {
    await using withRole = startPodLoad(cluster.controlPlane, {
      ...{ namespace: 'team-0', role: 'reader', connections: 3 },
    });
    await using without = startPodLoad(cluster.controlPlane, {
      ...{ namespace: 'team-1', role: undefined, connections: 2 },
    });
    await withRole.untilMore(20);
    await deleteCrd();
    await untilHeld(NAMES.length);
    await withRole.untilMore(100);
    const [allowed, injected] = [await withRole.stop(), await without.stop()];
    t.diagnostic(`${allowed.created} pods with a role created, ${allowed.refusals.length} denied`);
    assert.deepEqual([allowed.refusals, injected.refusals], [[], []]);
    for (const name of NAMES) {
      await assertInForce(name);
    }
    let missed = 0;
    for (const replica of replicas) {
      missed += await replica.metric('decisions_total', { path: '/mutate-pods', reason: 'no-role' });
      assert.match(
        await replica.probe('/readyz?verbose'),
        /note: allowlists held in force .*: 12; restore it/,
      );
      assert.ok(replica.log().some((line) => line.includes('allowlists held in force')));
    }
    assert.equal(missed, 0);
  });

  test('keeps a replica that starts meanwhile unready', async () => {
    const [, other] = replicas;
    await cluster.kubectl(['delete', 'pod', other?.name ?? '', '-n', NAMESPACE, '--wait=false']);
    const fresh = await waitFor('the new replica', async () =>
      (await listReplicas(cluster)).find(({ name }) => replicas.every((known) => known.name !== name)),
    );
    await assert.rejects(
      waitFor('it to be ready', () => fresh.probe('/readyz'), { timeoutMs: 5_000 }),
      /\[-\]allowlists failed: not read yet/,
    );
    await assertInForce('team-0');
    replicas = replicas.slice(0, 1);
  });

  test('the allowlists stay in force when it is restored, and each restored one replaces its held one', async () => {
    await restoreCrd();
    await cluster.apply([allowlist('team-0', { namespaces: ['team-0'], roles: ['writer'] })]);
    await untilHeld(NAMES.length - 1);
    assert.match((await createPod('reader')).error, /is not allowed/);
    const answers = await Promise.all(
      replicas.map(({ review }) => review('/validate-pods', 'team-1', pod('test', 'team-1', 'reader'))),
    );
    assert.ok(answers.every(({ allowed }) => allowed));
  });

  test('a restored allowlist that is deleted is not held', async () => {
    await cluster.kubectl(['delete', 'rral', 'team-0']);
    for (const { review } of replicas) {
      await waitFor(
        'the deletion',
        async () => !(await review('/validate-pods', 'team-0', pod('test', 'team-0', 'writer'))).allowed,
        { timeoutMs: 3_000 },
      );
    }
    await untilHeld(NAMES.length - 1);
  });

  test('the annotation discards those that are left', async () => {
    await cluster.kubectl(['annotate', 'crd', CRD, 'eci-ram-role.io/discard-held-allowlists=true']);
    await untilHeld(0);
    assert.match((await createPod('reader', 'team-1')).error, /no allowlist selects this namespace/);
  });

  test('with the annotation nothing is held', async () => {
    await restore();
    await waitFor('the allowlists', async () => (await createPod('reader', 'team-1')).succeeded);
    await deleteCrd();
    await waitFor('the denial', async () => !(await createPod('reader', 'team-1')).succeeded);
    await untilHeld(0);
  });
});
