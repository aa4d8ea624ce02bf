import { Counter, type Registry } from 'prom-client';
import { METRIC_PREFIX } from './metric-prefix.ts';

/** What is shown of the CA bundle of the webhook configurations, where the server keeps it up itself. */
export type CaBundleMetrics = Readonly<{ countRestore: () => void }>;

export function createCaBundleMetrics(registry: Registry): CaBundleMetrics {
  const restores = new Counter({
    name: `${METRIC_PREFIX}ca_bundle_restores_total`,
    help: 'How often this replica put a caBundle back that somebody else had changed.',
    registers: [registry],
  });
  return { countRestore: () => restores.inc() };
}
