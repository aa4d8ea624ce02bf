import type { Registry } from 'prom-client';
import type { InstallationObserver } from '../installation/check.ts';
import { OBJECT_STATES } from '../installation/checked-object.ts';
import { counter, gauge } from './metrics.ts';

/** Creates the metric of the server's readiness. */
export function createReadinessMetric(registry: Registry, isReady: () => boolean): void {
  const ready = gauge(registry, 'ready', '1 if the server is ready, as /readyz reports it.', {
    collect: () => ready.set(isReady() ? 1 : 0),
  });
}

/** The metrics of the serving certificate and of the caBundle that verifies it. */
export type CertificateMetrics = Readonly<{
  recordExpiry: (expiresAt: Date) => void;
  countReloadFailure: () => void;
  /** The serving certificate could be loaded, or the problem with it is over. */
  recordReload: () => void;
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
  const lastReload = gauge(
    registry,
    'certificate_last_reload_successful',
    '1 if the serving certificate is in order, 0 while it cannot be loaded or maintained.',
  );
  lastReload.set(1);
  const bundleRestores = counter(
    registry,
    'ca_bundle_restores_total',
    'Times that this replica put a caBundle back after another client had changed it.',
  );

  return {
    recordExpiry: (expiresAt) => expiry.set(expiresAt.getTime() / 1000),
    countReloadFailure: () => {
      reloadFailures.inc();
      lastReload.set(0);
    },
    recordReload: () => lastReload.set(1),
    countBundleRestore: () => bundleRestores.inc(),
  };
}

/** Creates the metrics of the check of the installation. */
export function createInstallationMetrics(registry: Registry): InstallationObserver {
  const objects = gauge(
    registry,
    'installation_object',
    'The state of each object of the chart: 1 for ok, missing, changed or unreadable, 0 for the others.',
    { labels: ['kind', 'name', 'state'] },
  );
  const unconfined = gauge(
    registry,
    'identity_unconfined',
    "1 if the server's identity may change more of its registration than the caBundle.",
  );
  return {
    recordObjects: (checked) => {
      objects.reset();
      for (const { kind, name, state } of checked) {
        for (const other of OBJECT_STATES) {
          objects.set({ kind, name, state: other }, other === state ? 1 : 0);
        }
      }
    },
    recordConfinement: (isConfined) => unconfined.set(isConfined ? 0 : 1),
  };
}
