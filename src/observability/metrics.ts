import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';

const METRIC_PREFIX = 'eci_ram_role_webhook_';

/** A rendering is shared for this long; it costs as much as a hundred decisions. */
const SHARED_MS = 1_000;

/** Gauges whose names say that they are counters. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Registers the metrics of the process and of Node.js. */
export function registerDefaultMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) {
    registry.removeSingleMetric(name);
  }
}

type MetricOptions<Label extends string> = Readonly<{
  labels?: readonly Label[];
  /** Called before each scrape, to set the metric. */
  collect?: () => void;
}>;

type CounterOptions<Label extends string> = MetricOptions<Label> &
  Readonly<{
    /** The labels that are known from the start. Without a sample at 0, `increase()` does not see the first one. */
    series?: readonly Readonly<Record<Label, string>>[];
  }>;

/** Creates a counter in a registry; the prefix of all our metrics is put before its name. */
export function counter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  { series = [], ...options }: CounterOptions<Label> = {},
): Counter<Label> {
  const counter = new Counter(toConfiguration(registry, name, help, options));
  for (const labels of series) {
    counter.inc(labels, 0);
  }
  return counter;
}

/** Creates a gauge in a registry; the prefix of all our metrics is put before its name. */
export function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  options: MetricOptions<Label> = {},
): Gauge<Label> {
  return new Gauge(toConfiguration(registry, name, help, options));
}

/** Creates a histogram in a registry; the prefix of all our metrics is put before its name. */
export function histogram<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  { buckets, ...options }: MetricOptions<Label> & Readonly<{ buckets: readonly number[] }>,
): Histogram<Label> {
  return new Histogram({ ...toConfiguration(registry, name, help, options), buckets: [...buckets] });
}

function toConfiguration<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  { labels = [], collect }: MetricOptions<Label>,
) {
  return {
    name: `${METRIC_PREFIX}${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
    ...(collect && { collect }),
  };
}

/**
 * Creates the function that renders the metrics of a registry. It renders once at a time, and at most once a second:
 * all who ask meanwhile share the text.
 *
 * @param now returns milliseconds
 */
export function createMetricsRenderer(
  registry: Pick<Registry, 'metrics'>,
  now: () => number = () => performance.now(),
): () => Promise<string> {
  let shared: Promise<string> | undefined;
  let endsAt = Infinity;
  return () => {
    if (shared === undefined || now() >= endsAt) {
      endsAt = Infinity;
      shared = registry.metrics().finally(() => {
        endsAt = now() + SHARED_MS;
      });
    }
    return shared;
  };
}
