import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const METRIC_PREFIX = 'eci_ram_role_webhook_';

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
