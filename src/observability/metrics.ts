import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const METRIC_PREFIX = 'eci_ram_role_webhook_';

/** A rendering is shared for this long; it costs as much as a hundred decisions. */
const SHARED_MS = 1_000;

type MetricOptions<Label extends string> = Readonly<{
  labels?: readonly Label[];
  /** Called before each scrape, to set the metric. */
  collect?: () => void;
}>;

/** Creates a counter in a registry; the prefix of all our metrics is put before its name. */
export function counter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  options: MetricOptions<Label> = {},
): Counter<Label> {
  return new Counter(toConfiguration(registry, name, help, options));
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
