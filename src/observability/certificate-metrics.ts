import type { Registry } from 'prom-client';
import { counter, gauge } from './metrics.ts';

/** The metrics of the serving certificate and of the caBundle that verifies it. */
export type CertificateMetrics = Readonly<{
  recordExpiry: (expiresAt: Date) => void;
  countReloadFailure: () => void;
  countBundleRestore: () => void;
}>;

export function createCertificateMetrics(registry: Registry): CertificateMetrics {
  const expiry = gauge(
    registry,
    'certificate_expiry_timestamp_seconds',
    'When the serving certificate expires.',
  );
  const reloadFailures = counter(
    registry,
    'certificate_reload_failures_total',
    'Changes of the serving certificate that could not be loaded; the last good one stays in use.',
  );
  const bundleRestores = counter(
    registry,
    'ca_bundle_restores_total',
    'Times that this replica put a caBundle back after another client had changed it.',
  );

  return {
    recordExpiry: (expiresAt) => expiry.set(expiresAt.getTime() / 1000),
    countReloadFailure: () => reloadFailures.inc(),
    countBundleRestore: () => bundleRestores.inc(),
  };
}
