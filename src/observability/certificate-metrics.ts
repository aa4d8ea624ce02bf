import { Counter, Gauge, type Registry } from 'prom-client';
import { METRIC_PREFIX } from './metric-prefix.ts';

/** What is shown of the serving certificate. */
export type CertificateMetrics = Readonly<{
  recordExpiry: (expiresAt: Date) => void;
  countReloadFailure: () => void;
}>;

export function createCertificateMetrics(registry: Registry): CertificateMetrics {
  const registers = [registry];
  const expiry = new Gauge({
    name: `${METRIC_PREFIX}certificate_expiry_timestamp_seconds`,
    help: 'When the serving certificate expires.',
    registers,
  });
  const reloadFailures = new Counter({
    name: `${METRIC_PREFIX}certificate_reload_failures_total`,
    help: 'Changes of the serving certificate that could not be loaded; the last good one stays in use.',
    registers,
  });

  return {
    recordExpiry: (expiresAt) => expiry.set(expiresAt.getTime() / 1000),
    countReloadFailure: () => reloadFailures.inc(),
  };
}

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
