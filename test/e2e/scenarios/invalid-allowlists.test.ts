// Lists that our schema refuses though the API server accepted them, and lists that contradict each other: kubectl shows
// it, nothing is opened, the good lists keep working, and no status is written more often than there is news.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '../harness/api-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { readAuditLog } from './support/audit-log.ts';
import { attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod } from './support/manifests.ts';
import { roleOf } from './support/pods.ts';
import { listReplicas } from './support/replicas.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { CHART, NAMESPACE, RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';

const CRD = 'crd/ramroleallowlists.eci-ram-role.io';
const OUR_USER = `system:serviceaccount:${NAMESPACE}:${RELEASE}`;
/** A status that was just written is not written again for 30 s. */
const PATIENTLY = { timeoutMs: 60_000 };
const QUIET_MS = 5_000;

type Condition = Readonly<{ status: string; reason: string; message: string; observedGeneration: number }>;
type List = KubernetesObject & { status?: { conditions?: readonly Condition[] } };

suite('invalid and conflicting allowlists', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply([
      ...['payments', 'nulls', 'contested', 'daring', 'loose', 'elsewhere'].map((name) => namespace(name)),
      allowlist('good', {
        ...{ namespaces: ['payments'], roles: ['reader'], defaultRole: 'reader' },
        violationAction: 'Warn',
      }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral/good', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  async function conditionOf(name: string): Promise<Condition | undefined> {
    const path = `/apis/eci-ram-role.io/v1alpha1/ramroleallowlists/${name}`;
    const { status } = await cluster.controlPlane.client.send<List>('GET', path);
    return status?.conditions?.[0];
  }

  function untilReason(name: string, reason: string): Promise<Condition> {
    return waitFor(
      `${name} to be ${reason}`,
      async () => {
        const condition = await conditionOf(name);
        return condition?.reason === reason && condition;
      },
      PATIENTLY,
    );
  }

  /** A row of `kubectl get rral`, without its age. */
  async function rowOf(name: string): Promise<readonly string[]> {
    const row = await cluster.kubectl(['get', 'rral', name, '--no-headers']);
    return row.split(/\s{2,}/).slice(0, -1);
  }

  test('kubectl get shows a good list as ready', async () => {
    assert.deepEqual(await rowOf('good'), [
      'good',
      '["payments"]',
      '["reader"]',
      'reader',
      'Warn',
      'True',
      'Accepted',
    ]);
  });

  test('a null that would widen a list makes it Invalid, and the message names the field', async () => {
    const { error } = await attempt(
      cluster,
      ['apply', '--server-side', '-f', '-'],
      [
        allowlist('nulls', {
          ...{ namespaces: ['nulls', 'payments'], roles: ['*'], defaultRole: 'writer' },
          ...{ serviceAccounts: null, violationAction: 'Audit' },
        }),
      ],
    );
    assert.equal(error, '');
    const { status, message, observedGeneration } = await untilReason('nulls', 'Invalid');
    assert.deepEqual([status, observedGeneration], ['False', 1]);
    assert.match(
      message,
      /^allows nothing and denies in the namespaces it selects: spec\.serviceAccounts: expected .*, found null$/,
    );
    assert.deepEqual((await rowOf('nulls')).slice(-2), ['False', 'Invalid']);
  });

  for (const before of [undefined, ['api']]) {
    const name = before === undefined ? 'created' : 'changed';
    test(`a list is ${name} by a kubectl apply that leaves such a null out: Invalid too`, async () => {
      const spec = { namespaces: ['nulls'], roles: ['*'], violationAction: 'Audit' };
      if (before !== undefined) {
        await cluster.apply([allowlist(name, { ...spec, serviceAccounts: before })]);
      }
      await cluster.apply([allowlist(name, { ...spec, serviceAccounts: null })]);
      assert.equal(
        (await untilReason(name, 'Invalid')).message,
        'allows nothing and denies in the namespaces it selects: spec.serviceAccounts: expected a value or no such field, found null, which kubectl apply left out',
      );
      await cluster.kubectl(['delete', 'rral', name]);
    });
  }

  test('it denies in its namespaces, whatever its own action, and injects nothing', async () => {
    assert.match(
      (await attemptApply(cluster, pod('named', 'nulls', 'writer'))).error,
      /RAM role "writer" is not allowed .*\. No role is allowed for ServiceAccount "default" \(allowlists: nulls\)\./,
    );
    assert.equal((await attemptApply(cluster, pod('without', 'nulls', undefined))).error, '');
    assert.equal(await roleOf(cluster, 'nulls', 'without'), undefined);
  });

  test('the good list of a namespace that both select keeps working, under the stricter action', async () => {
    assert.equal((await attemptApply(cluster, pod('allowed', 'payments', 'reader'))).error, '');
    assert.equal((await attemptApply(cluster, pod('without', 'payments', undefined))).error, '');
    assert.equal(await roleOf(cluster, 'payments', 'without'), 'reader');
    assert.match(
      (await attemptApply(cluster, pod('refused', 'payments', 'writer'))).error,
      /\(allowlists: good, nulls\)/,
    );
  });

  test('equally specific lists with different defaults are a Conflict that names the other', async () => {
    await cluster.apply([
      allowlist('one', { namespaces: ['contested'], roles: ['*'], defaultRole: 'of-one' }),
      allowlist('two', { namespaces: ['contested'], roles: ['*'], defaultRole: 'of-two' }),
    ]);
    const condition = await untilReason('one', 'Conflict');
    assert.equal(condition.status, 'True');
    assert.match(
      condition.message,
      /^conflicts with allowlist two: .* for namespace contested \(of-one, of-two\)/,
    );
    assert.match((await untilReason('two', 'Conflict')).message, /^conflicts with allowlist one:/);
    assert.deepEqual((await rowOf('two')).slice(-2), ['True', 'Conflict']);
  });

  test('the list whose name sorts first then wins, and the log tells of the other', async () => {
    assert.equal((await attemptApply(cluster, pod('without', 'contested', undefined))).error, '');
    assert.equal(await roleOf(cluster, 'contested', 'without'), 'of-one');
    const replicas = await listReplicas(cluster);
    await waitFor('the line of the conflict', () =>
      replicas
        .flatMap(({ log }) => log())
        .some((line) => line.includes('"injected":"of-one"') && line.includes('"conflict":"two"')),
    );
  });

  test('a protected default is Invalid and not injected; the rest of the list counts', async () => {
    await cluster.apply([
      allowlist('daring', {
        ...{ namespaces: ['daring'], roles: ['*'], defaultRole: 'KubernetesWorkerRole-1234' },
      }),
    ]);
    const { message } = await untilReason('daring', 'Invalid');
    assert.match(
      message,
      /^spec\.defaultRole: expected a role that is not protected, .*; it is not injected, the rest of the allowlist applies$/,
    );
    assert.equal((await attemptApply(cluster, pod('without', 'daring', undefined))).error, '');
    assert.equal(await roleOf(cluster, 'daring', 'without'), undefined);
    assert.equal((await attemptApply(cluster, pod('named', 'daring', 'writer'))).error, '');
    const named = await attemptApply(cluster, pod('protected', 'daring', 'KubernetesWorkerRole-1234'));
    assert.match(named.error, /no allowlist can allow a protected role/);
  });

  test('the metrics count them', async () => {
    for (const { metric } of await listReplicas(cluster)) {
      assert.equal(await metric('allowlists', { state: 'invalid' }), 1);
      assert.equal(await metric('allowlists', { state: 'active' }), 4);
    }
  });

  test('every status was written once by each replica at the most, and nothing is written without news', async () => {
    const writes = () => statusWrites(cluster);
    for (const name of ['good', 'nulls', 'daring']) {
      assert.ok((writes().get(name) ?? 0) >= 1, name);
      assert.ok((writes().get(name) ?? 0) <= 2, `${name}: ${writes().get(name)} writes`);
    }
    const before = writes();
    await sleep(QUIET_MS);
    assert.deepEqual(writes(), before);
  });

  test('whatever a looser CRD lets in denies where it can be read, and takes no good list down', async () => {
    await cluster.kubectl([
      ...['patch', CRD, '--type=json', '-p'],
      JSON.stringify([
        {
          op: 'replace',
          path: '/spec/versions/0/schema/openAPIV3Schema',
          value: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      ]),
    ]);
    const loose: Readonly<Record<string, object>> = {
      'an-arn': { namespaces: ['loose'], roles: ['acs:ram::1234:role/reader'] },
      'a-text': { namespaces: ['loose'], roles: 'reader' },
      'no-bounds': {
        namespaces: ['loose'],
        roles: Array.from({ length: 300 }, (_, index) => `role-${index}`),
      },
      'new-field': { namespaces: ['loose'], roles: ['reader'], onlyOnMondays: true },
      'both-ways': {
        namespaces: ['loose'],
        namespaceSelector: { matchLabels: { a: 'b' } },
        roles: ['reader'],
      },
      unreadable: { namespaces: 17, roles: ['reader'] },
      empty: {},
    };
    // One that the strict schema only trims would be trimmed by an attempt that comes too early.
    await waitFor('the looser schema', async () => {
      const { succeeded } = await attemptApply(cluster, allowlist('a-text', loose['a-text'] ?? {}));
      return succeeded;
    });
    await cluster.apply(Object.entries(loose).map(([name, spec]) => allowlist(name, spec)));
    for (const name of Object.keys(loose)) {
      assert.match((await untilReason(name, 'Invalid')).message, /: expected .*, found /, name);
    }
    const { error } = await attemptApply(cluster, pod('refused', 'loose', 'reader'));
    assert.match(
      error,
      /No role is allowed for ServiceAccount "default" \(allowlists: a-text, an-arn, both-ways, new-field, no-bounds\)/,
    );
    assert.match(
      (await attemptApply(cluster, pod('refused', 'elsewhere', 'reader'))).error,
      /no allowlist selects this namespace/,
    );
    assert.equal((await attemptApply(cluster, pod('still-allowed', 'payments', 'reader'))).error, '');
    await cluster.kubectl(['delete', 'rral', ...Object.keys(loose)]);
    await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', `${CHART}/crds/`]);
  });

  test('a status that somebody wiped or falsified comes back, and a conflict that is over is', async () => {
    await waitFor('the strict schema', async () => {
      const { error } = await attempt(
        cluster,
        ['apply', '--dry-run=server', '-f', '-'],
        [allowlist('strict', { namespaces: ['a'], roles: 'reader' })],
      );
      return error !== '';
    });
    const wipe = (name: string, status: object | null) =>
      cluster.kubectl([
        ...['patch', 'rral', name, '--subresource=status', '--type=merge'],
        ...['-p', JSON.stringify({ status })],
      ]);
    await wipe('good', null);
    await wipe('nulls', { conditions: [] });
    await cluster.kubectl(['delete', 'rral', 'one']);
    await untilReason('good', 'Accepted');
    await untilReason('nulls', 'Invalid');
    await untilReason('two', 'Accepted');
  });

  test('a list that is made anew under its name has its status at once', async () => {
    await cluster.kubectl(['delete', 'rral', 'good']);
    await cluster.apply([allowlist('good', { namespaces: ['payments'], roles: ['reader'] })]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral/good', '--timeout=15s']);
  });
});

/** How often our server has written the status of each list. */
function statusWrites(cluster: WebhookCluster): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { verb, user, objectRef } of readAuditLog(cluster)) {
    if (
      verb === 'patch' &&
      user.username === OUR_USER &&
      objectRef?.resource === 'ramroleallowlists' &&
      objectRef.subresource === 'status' &&
      objectRef.name !== undefined
    ) {
      counts.set(objectRef.name, (counts.get(objectRef.name) ?? 0) + 1);
    }
  }
  return counts;
}
