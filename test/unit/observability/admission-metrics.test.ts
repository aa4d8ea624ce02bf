import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { REJECTION_REASONS } from '../../../src/http/rejections.ts';
import { createAdmissionMetrics } from '../../../src/observability/admission-metrics.ts';
import { DECISIONS } from '../../../src/routes.ts';
import { allowlistOf, policyOf } from '../../builders/policy.ts';

const PREFIX = 'eci_ram_role_webhook_';
const DENIED = {
  path: '/validate-pods',
  outcome: 'deny',
  reason: 'not-allowed',
  isDryRun: false,
  namespace: 'payments',
  seconds: 0.001,
} as const;

type Cluster = Readonly<{ named: readonly string[]; existing: readonly string[] | undefined }>;

function start(first: Partial<Cluster> = {}) {
  let cluster: Cluster = { named: ['payments'], existing: ['payments'], ...first };
  const registry = new Registry();
  const metrics = createAdmissionMetrics(registry, {
    decisions: DECISIONS,
    getPolicy: () =>
      policyOf(cluster.named.map((namespace) => allowlistOf(namespace, { namespaces: [namespace] }))),
    getNamespaces: () => cluster.existing && new Map(cluster.existing.map((name) => [name, undefined])),
  });
  return {
    ...metrics,
    change: async (next: Partial<Cluster>) => {
      cluster = { ...cluster, ...next };
      await sleep(1_000);
    },
    /** The samples of a metric. */
    read: async (metric: string) =>
      (await registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith(`${PREFIX}${metric}`))
        .map((line) => line.slice(PREFIX.length)),
  };
}

suite('the metrics of requests', { concurrency: true }, () => {
  test('have every decision and rejection at 0 from the start', async () => {
    const { read } = start();
    const decisions = await read('decisions_total');
    for (const [path, outcomes] of Object.entries(DECISIONS)) {
      for (const [decision, reasons] of Object.entries(outcomes)) {
        for (const reason of reasons) {
          for (const dryRun of [false, true]) {
            const labels = `path="${path}",decision="${decision}",reason="${reason}",dry_run="${dryRun}"`;
            assert.ok(decisions.includes(`decisions_total{${labels}} 0`), labels);
          }
        }
      }
    }
    assert.deepEqual(
      await read('rejected_requests_total'),
      REJECTION_REASONS.map((reason) => `rejected_requests_total{reason="${reason}"} 0`),
    );
    assert.ok(REJECTION_REASONS.includes('pipelined') && REJECTION_REASONS.includes('too-many-bindings'));
    assert.equal((await read('request_duration_seconds_count')).length, Object.keys(DECISIONS).length);
  });

  test('tell dry runs from denials', async () => {
    const { countDecision, read } = start();
    countDecision({ ...DENIED, isDryRun: true });
    const labels = 'path="/validate-pods",decision="deny",reason="not-allowed"';
    const samples = await read(`decisions_total{${labels}`);
    assert.deepEqual(samples, [
      `decisions_total{${labels},dry_run="false"} 0`,
      `decisions_total{${labels},dry_run="true"} 1`,
    ]);
    assert.deepEqual(await read('denials_by_namespace_total'), [
      'denials_by_namespace_total{namespace="other"} 0',
      'denials_by_namespace_total{namespace="payments"} 0',
    ]);
  });
});

suite('denials by namespace', { concurrency: true }, () => {
  test('have a counter for a namespace that exists and is named exactly, and one for all others', async () => {
    const { countDecision, read } = start({
      named: ['payments', 'gone', 'team-*'],
      existing: ['payments', 'team-a'],
    });
    for (const namespace of ['payments', 'payments', 'gone', 'team-a', 'team-*', 'invented', '']) {
      countDecision({ ...DENIED, namespace });
    }
    countDecision({ ...DENIED, outcome: 'warn' });
    assert.deepEqual(await read('denials_by_namespace_total'), [
      'denials_by_namespace_total{namespace="other"} 5',
      'denials_by_namespace_total{namespace="payments"} 2',
    ]);
  });

  test('have at most 200 namespaces, the first by name', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `team-${String(index).padStart(3, '0')}`);
    const { countDecision, read } = start({ named: names, existing: names.toReversed() });
    countDecision({ ...DENIED, namespace: 'team-199' });
    countDecision({ ...DENIED, namespace: 'team-200' });
    const samples = await read('denials_by_namespace_total');
    assert.equal(samples.length, 201);
    assert.ok(samples.includes('denials_by_namespace_total{namespace="team-199"} 1'));
    assert.ok(samples.includes('denials_by_namespace_total{namespace="other"} 1'));
  });

  test('follow the allowlists and the namespaces', async () => {
    const { countDecision, read, change } = start();
    countDecision(DENIED);
    assert.equal((await read('denials_by_namespace_total')).length, 2);
    await change({ named: ['payments', 'search'], existing: ['search'] });
    countDecision(DENIED);
    countDecision({ ...DENIED, namespace: 'search' });
    assert.deepEqual(await read('denials_by_namespace_total'), [
      'denials_by_namespace_total{namespace="other"} 1',
      'denials_by_namespace_total{namespace="search"} 1',
    ]);
  });

  test('take the names of the allowlists if the source knows no namespaces', async () => {
    const { read } = start({ named: ['payments', 'team-*', 'other'], existing: undefined });
    assert.deepEqual(await read('denials_by_namespace_total'), [
      'denials_by_namespace_total{namespace="other"} 0',
      'denials_by_namespace_total{namespace="payments"} 0',
    ]);
  });
});
