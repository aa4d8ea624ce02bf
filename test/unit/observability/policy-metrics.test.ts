import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Registry } from 'prom-client';
import { RESTART_REASONS } from '../../../src/kubernetes/reflector.ts';
import { createPolicyMetrics, createWatchMetrics } from '../../../src/observability/policy-metrics.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';

const DAY_MS = 86_400_000;

async function read(registry: Registry, metric: string): Promise<readonly string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines
    .filter((line) => line.startsWith(`eci_ram_role_webhook_${metric}`))
    .map((line) => line.slice('eci_ram_role_webhook_'.length));
}

suite('the metrics of the policy', () => {
  test('show when allowlists expire, the next ones first, and those that have expired not at all', async () => {
    const registry = new Registry();
    const { observePolicy } = createPolicyMetrics(registry);
    const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().replace(/\.\d+/, '');
    const names = Array.from({ length: 120 }, (_, index) => `list-${index}`);
    const expiring = names.map((name, index) => allowlistOf(name, { expiresAt: inDays(index) }));
    observePolicy(policyOf([...expiring, allowlistOf('lasting')]), new Map());
    const samples = await read(registry, 'allowlist_expiry_timestamp_seconds');
    assert.equal(samples.length, 100);
    assert.ok(!samples.some((sample) => /"(list-0|lasting|list-101)"/.test(sample)));
    assert.match(samples[0] ?? '', /\{allowlist="list-1"\} \d+$/);
  });

  test('show whether the allowlists could be loaded as they are', async () => {
    const registry = new Registry();
    const { countReloadFailure, recordReload } = createPolicyMetrics(registry);
    const values = [await read(registry, 'policy_last_reload_successful')];
    countReloadFailure();
    values.push(await read(registry, 'policy_last_reload_successful'));
    recordReload();
    values.push(await read(registry, 'policy_last_reload_successful'));
    assert.deepEqual(
      values.flat().map((sample) => sample.slice(-2)),
      [' 1', ' 0', ' 1'],
    );
  });
});

suite('the metrics of the watches', () => {
  test('have a series for each watch from the start', async () => {
    const registry = new Registry();
    createWatchMetrics(registry);
    const contacts = await read(registry, 'watch_last_contact_timestamp_seconds');
    assert.equal(contacts.length, 2);
    for (const contact of contacts) {
      assert.ok(Math.abs(Number(contact.split(' ').at(-1)) - Date.now() / 1000) < 60, contact);
    }
    const restarts = await read(registry, 'watch_restarts_total');
    assert.deepEqual(
      restarts,
      ['allowlists', 'namespaces'].flatMap((watch) =>
        RESTART_REASONS.map((reason) => `watch_restarts_total{watch="${watch}",reason="${reason}"} 0`),
      ),
    );
  });

  test('are each of their own', async () => {
    const registry = new Registry();
    const { recordContact, countRestart } = createWatchMetrics(registry);
    const before = await read(registry, 'watch_last_contact_timestamp_seconds{watch="allowlists"}');
    await new Promise((resolve) => setTimeout(resolve, 20));
    recordContact('namespaces');
    countRestart('allowlists', 'forbidden');
    assert.deepEqual(
      await read(registry, 'watch_last_contact_timestamp_seconds{watch="allowlists"}'),
      before,
    );
    const restarts = await read(registry, 'watch_restarts_total');
    assert.deepEqual(
      restarts.filter((sample) => !sample.endsWith(' 0')),
      ['watch_restarts_total{watch="allowlists",reason="forbidden"} 1'],
    );
  });
});
