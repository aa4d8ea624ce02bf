// The clocks of all replicas are ten minutes ahead of the API server's: allowlists expire ten minutes early, and nothing else
// differs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { type Attempt, attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION, unscheduledPod } from './support/manifests.ts';
import { listReplicas } from './support/replicas.ts';
import { startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { webhookImage } from './support/webhook-image.ts';

const CLOCK = join(import.meta.dirname, 'clocks-ahead', 'ten-minutes-ahead.cjs');
const MINUTE_MS = 60_000;

suite('replicas whose clocks are ten minutes ahead', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startBareCluster();
    const {
      files,
      entrypoint: [node = '', ...args],
      ...image
    } = webhookImage();
    cluster.images['*eci-ram-role-webhook:*'] = {
      ...{ ...image, files: { ...files, '/app/clock.cjs': CLOCK } },
      entrypoint: [node, '--require', '/app/clock.cjs', ...args],
    };
    await cluster.install();
    await cluster.apply([namespace('payments')]);
  });

  after(() => cluster?.stop());

  const create = (role: string | undefined): Promise<Attempt> =>
    attempt(
      cluster,
      ['create', '--dry-run=server', '-o', 'json', '-f', '-'],
      [pod('test', 'payments', role)],
    );

  const inMinutes = (minutes: number) =>
    new Date(Date.now() + minutes * MINUTE_MS).toISOString().replace(/\.\d+Z$/, 'Z');

  test('are ready, and the API server accepts their certificate', async () => {
    const replicas = await listReplicas(cluster);
    assert.equal(replicas.length, 2);
    await Promise.all(replicas.map(({ probe }) => probe('/readyz')));
    assert.match((await create('reader')).error, /no allowlist selects this namespace/);
  });

  test('have an allowlist expire ten minutes early, and say so', async () => {
    await cluster.apply([
      allowlist('ends-early', {
        ...{ namespaces: ['payments'], roles: ['early'] },
        ...{ reason: 'incident', expiresAt: inMinutes(5) },
      }),
      allowlist('lasts', {
        ...{ namespaces: ['payments'], roles: ['lasting'] },
        ...{ reason: 'incident', expiresAt: inMinutes(15) },
      }),
    ]);
    const condition = await waitFor('the status', async () => {
      const { status } = JSON.parse(await cluster.kubectl(['get', 'rral', 'ends-early', '-o', 'json']));
      return status?.conditions?.find(({ type }: { type: string }) => type === 'Ready');
    });
    assert.equal(condition.reason, 'Expired');
    const { error } = await create('early');
    assert.match(error, /"early" is not allowed in .*the allowlist has expired/);
    const lasting = await create('lasting');
    assert.ok(lasting.succeeded, lasting.error);
    assert.match(lasting.warnings.join(), /is allowed in namespace "payments" for another [45]m/);
  });

  test('inject the default of an allowlist that is applied together with its namespace and pod', async () => {
    for (const name of ['fresh-1', 'fresh-2', 'fresh-3']) {
      const { succeeded, error } = await attemptApply(
        cluster,
        namespace(name),
        // Not `default`, which a controller creates at the same time.
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: name } },
        allowlist(name, { namespaces: [name], roles: ['reader'], defaultRole: 'reader' }),
        unscheduledPod('test', name, undefined, { serviceAccountName: 'app' }),
      );
      assert.ok(succeeded, error);
      const created = JSON.parse(await cluster.kubectl(['get', 'pod', 'test', '-n', name, '-o', 'json']));
      assert.equal(created.metadata.annotations?.[ROLE_ANNOTATION], 'reader');
    }
  });

  test('report their contact with the API server ten minutes ahead', async () => {
    for (const { metric } of await listReplicas(cluster)) {
      const contact = await metric('watch_last_contact_timestamp_seconds');
      assert.ok(contact * 1000 > Date.now() + 8 * MINUTE_MS, `${contact}`);
    }
  });
});
