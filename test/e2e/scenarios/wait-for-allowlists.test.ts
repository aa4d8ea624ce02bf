// A release that holds allowlists, with Helm 3 and Helm 4: an upgrade waits for those that the webhook has not read, ends at once
// with the reason where one is not accepted, and is not held up by one that has expired.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist } from './support/manifests.ts';
import { startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';

/** Less than the timeout of the upgrade, and more than a slow machine takes for one. */
const SOON_MS = 40_000;

const LIST = { namespaces: ['payments'], roles: ['reader'] };
/** No schema knows which roles are protected. */
const PROTECTED = { ...LIST, roles: ['*'], defaultRole: 'admin' };

for (const helmVersion of ['helm3', 'helm4'] as const) {
  suite(`allowlists of a release of ${helmVersion}`, () => {
    let cluster: WebhookCluster;

    before(async () => {
      cluster = await startBareCluster(helmVersion);
      await cluster.install({ allowlists: { payments: LIST } });
    });

    after(() => cluster?.stop());

    /** Upgrades a release of one list, of a chart that knows less than ours what is wrong with it. */
    const installList = async (spec: object) => {
      const chart = mkdtempSync(join(cluster.controlPlane.directory, 'lists-'));
      mkdirSync(join(chart, 'templates'));
      writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: lists\nversion: 1.0.0\n');
      writeFileSync(join(chart, 'templates/list.yaml'), JSON.stringify(allowlist('daring', spec)));
      return cluster.helm('upgrade', '--install', 'lists', chart, '--wait', '--timeout=60s');
    };
    const statusOf = async (name: string) =>
      JSON.parse(await cluster.kubectl(['get', 'rral', name, '-o', 'json'])).status;
    const timed = async (action: Promise<unknown>) => {
      const startedAt = performance.now();
      const message = await action.then(
        () => '',
        (error: unknown) => String(error),
      );
      return { message, ms: performance.now() - startedAt };
    };

    test('the status has the generation that it is for', async () => {
      const { observedGeneration, conditions } = await waitFor('the status', async () =>
        (await statusOf('payments')).conditions ? statusOf('payments') : undefined,
      );
      assert.equal(observedGeneration, 1);
      assert.deepEqual(
        conditions.map(({ type, status }: { type: string; status: string }) => `${type} ${status}`),
        ['Ready True'],
      );
    });

    test('one that has expired is Ready, and holds up no upgrade', async () => {
      const expired = { ...LIST, reason: 'over', expiresAt: '2026-01-01T00:00:00Z' };
      for (const logLevel of ['info', 'debug']) {
        const { message, ms } = await timed(
          cluster.install({ logLevel, allowlists: { payments: LIST, expired } }),
        );
        assert.equal(message, '');
        assert.ok(ms < SOON_MS, `${ms} ms`);
      }
      const { conditions } = await waitFor('the status', async () =>
        (await statusOf('expired')).conditions ? statusOf('expired') : undefined,
      );
      assert.deepEqual([conditions[0].status, conditions[0].reason], ['True', 'Expired']);
    });

    test('one that is not accepted ends the upgrade at once, with the reason', async () => {
      await cluster.install({ protectedRoles: ['admin'], allowlists: { payments: LIST } });
      await cluster.kubectl(['delete', 'rral', 'expired', '--ignore-not-found']);
      const { message, ms } = await timed(installList(PROTECTED));
      assert.ok(ms < SOON_MS, `${ms} ms`);
      if (helmVersion === 'helm4') {
        assert.match(message, /daring/);
        assert.match(message, /expected a role that is not protected, found "admin"/);
      } else {
        assert.equal(message, '');
      }
      const { conditions } = await waitFor('the status', async () =>
        (await statusOf('daring')).conditions ? statusOf('daring') : undefined,
      );
      assert.deepEqual(
        conditions.map(({ type, status, reason }: Record<string, string>) => `${type} ${status} ${reason}`),
        ['Ready False Invalid', 'Stalled True Invalid'],
      );
    });

    test('one that is corrected lets the next upgrade pass', async () => {
      const { message, ms } = await timed(installList({ ...PROTECTED, defaultRole: 'reader' }));
      assert.equal(message, '');
      assert.ok(ms < SOON_MS, `${ms} ms`);
    });
  });
}
