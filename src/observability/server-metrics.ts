import type { Registry } from 'prom-client';
import type { AdmissionObserver } from '../http/admission-server.ts';
import { counter, gauge, histogram } from './metrics.ts';

/** Seconds; a decision takes well under a millisecond, the API server waits up to three seconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * The number of decisions that are passed to prom-client at once. It builds a text of the labels of each one, which
 * costs several times as much between two requests as in a row.
 */
const BATCH = 32;

type CountedDecision = Readonly<{ path: string; decision: string; reason: string; seconds: number }>;

/** Creates the metrics of requests. No label value comes from a request, so that their number stays bounded. */
export function createAdmissionMetrics(registry: Registry): AdmissionObserver {
  const pending: CountedDecision[] = [];
  let inFlight = 0;
  const decisions = counter(registry, 'decisions_total', 'Decisions, by path, decision and reason.', {
    labels: ['path', 'decision', 'reason'],
    collect: flush,
  });
  const duration = histogram(
    registry,
    'request_duration_seconds',
    'Time from the head of a request to its answer, by path.',
    { labels: ['path'], buckets: DURATION_BUCKETS, collect: flush },
  );
  const requestsInFlight = gauge(registry, 'requests_in_flight', 'Requests that are not answered yet.', {
    collect: () => requestsInFlight.set(inFlight),
  });
  const rejected = counter(
    registry,
    'rejected_requests_total',
    'Requests and connections that got no decision, by reason.',
    { labels: ['reason'] },
  );
  const breakGlass = counter(
    registry,
    'break_glass_total',
    'Pods, except dry runs, whose role only allowlists with expiresAt allow.',
  );

  return {
    countDecision: (path, decision, reason, seconds) => {
      pending.push({ path, decision, reason, seconds });
      if (pending.length >= BATCH) {
        flush();
      }
    },
    countBreakGlass: () => breakGlass.inc(),
    countRejected: (reason) => rejected.inc({ reason }),
    requestStarted: () => {
      inFlight++;
    },
    requestEnded: () => {
      inFlight--;
    },
  };

  function flush(): void {
    for (const { path, decision, reason, seconds } of pending) {
      decisions.inc({ path, decision, reason });
      duration.observe({ path }, seconds);
    }
    pending.length = 0;
  }
}

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
