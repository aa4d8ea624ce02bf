import { setTimeout as sleep } from 'node:timers/promises';
import type { Series } from '../../../support/promtool.ts';
import { listReplicas } from './replicas.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './webhook-cluster.ts';

const INTERVAL_MS = 15_000;

/** What Prometheus would have scraped. */
export type Recording = Readonly<{
  interval: string;
  /** When the first sample was taken, in seconds since the epoch. */
  startsAt: number;
  series: () => readonly Series[];
  /** The time since the first sample, as promtool writes it. */
  now: () => string;
  stop: () => Promise<void>;
}>;

/** Scrapes `/metrics` of every pod of the webhook, ready or not, until it is stopped. */
export function recordMetrics(cluster: WebhookCluster): Recording {
  const startedAt = Date.now();
  const stopping = new AbortController();
  const { signal } = stopping;
  const samples = new Map<string, string[]>();
  let scrapes = 0;
  const running = record();

  async function record(): Promise<void> {
    for (; !signal.aborted; scrapes++) {
      await scrape();
      const nextAt = startedAt + (scrapes + 1) * INTERVAL_MS;
      await sleep(Math.max(0, nextAt - Date.now()), undefined, { signal }).catch(() => undefined);
    }
  }

  async function scrape(): Promise<void> {
    const replicas = await listReplicas(cluster).catch(() => []);
    for (const { name, probe } of replicas) {
      // A pod that does not answer has a gap.
      const text = await probe('/metrics').catch(() => '');
      for (const [series, value] of parseExposition(text, name)) {
        const values = samples.get(series) ?? [];
        samples.set(series, values);
        values[scrapes] = value;
      }
    }
  }

  return {
    interval: `${INTERVAL_MS / 1000}s`,
    startsAt: Math.floor(startedAt / 1000),
    series: () =>
      [...samples].map(([series, values]) => ({
        series,
        // As Prometheus marks a series that its target no longer has.
        values: Array.from({ length: scrapes }, (_, index) => values[index] ?? 'stale').join(' '),
      })),
    now: () => `${Math.floor((Date.now() - startedAt) / INTERVAL_MS) * (INTERVAL_MS / 1000)}s`,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** The samples of our metrics, with the labels that the ServiceMonitor adds. */
function* parseExposition(text: string, pod: string): Generator<readonly [series: string, value: string]> {
  const target = `namespace="${NAMESPACE}",job="${RELEASE}-metrics",pod="${pod}"`;
  for (const line of text.split('\n').filter((line) => line.startsWith('eci_ram_role_webhook_'))) {
    const [, metric, labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const own = labels.replace(/\bnamespace=/g, 'exported_namespace=');
    yield [`${metric}{${[target, own].filter((part) => part !== '').join(',')}}`, value];
  }
}
