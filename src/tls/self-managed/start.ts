import type { Logger } from 'pino';
import { createCaBundlePublisher } from '../../kubernetes/ca-bundle.ts';
import type { ApiClient } from '../../kubernetes/client.ts';
import { createSecretStore } from '../../kubernetes/secret-store.ts';
import {
  type CertificateListener,
  type CertificateSource,
  DAY_MS,
  type ServingCertificate,
} from '../certificate.ts';
import { runReconcileLoop } from './loop.ts';
import { type Outcome, reconcileCertificates } from './reconcile.ts';
import type { Served } from './trust.ts';

/** How long things last, in milliseconds; docs/decisions/0011-replicas-make-their-certificates.md has the reasons. */
export type SelfManagedTimings = Readonly<{
  /** The life of a CA; after two thirds of it, the next one is created. */
  authorityLifetimeMs: number;
  /** The life of a serving certificate; after two thirds of it, another is issued. */
  leafLifetimeMs: number;
  /** How long a CA is published before one of its certificates replaces another CA's. */
  publicationLeadMs: number;
  /** The time between two reconciliations, of which a random part of up to a half is left out. */
  pollIntervalMs: number;
}>;

const DEFAULT_TIMINGS: SelfManagedTimings = {
  authorityLifetimeMs: 365 * DAY_MS,
  leafLifetimeMs: 90 * DAY_MS,
  publicationLeadMs: 3_600_000,
  pollIntervalMs: 5_000,
};

export type SelfManagedOptions = Readonly<{
  client: ApiClient;
  /** The namespace of the Secret and the Service. */
  namespace: string;
  /** The Secret through which the replicas agree; it must exist, and may be empty. */
  secretName: string;
  /** The Service that API servers call: the certificate is for `<serviceName>.<namespace>.svc`. */
  serviceName: string;
  /** The name of both webhook configurations, the mutating and the validating one. */
  webhookConfigurationName: string;
  /** Stops waiting for the first certificate. */
  signal?: AbortSignal;
  /** Milliseconds since the epoch; the system's clock unless given. */
  now?: () => number;
  timings?: Partial<SelfManagedTimings>;
}>;

/** Receives reports on the certificates. */
export type SelfManagedObserver = Readonly<{
  logger: Pick<Logger, 'info' | 'warn'>;
  /** A caBundle that somebody else had changed was put back. */
  countBundleRestore: () => void;
}>;

/**
 * Agrees with the other replicas on a CA and a serving certificate, and has the webhook configurations trust the CA.
 * Renews both until the watch is closed. Resolves when there is a certificate that the webhook configurations trust;
 * until then it logs every failure and retries, for example while the API server is down.
 *
 * @throws the reason of the signal, if it is aborted before
 */
export async function startSelfManagedCertificate(
  options: SelfManagedOptions,
  observer: SelfManagedObserver,
): Promise<CertificateSource> {
  const { logger } = observer;
  const closing = new AbortController();
  const ready = Promise.withResolvers<ServingCertificate>();
  let listener: CertificateListener | undefined;
  let latest: ServingCertificate | undefined;
  let currentProblem: string | undefined;

  const abandon = () => {
    closing.abort();
    ready.reject(options.signal?.reason);
  };
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', abandon, { once: true });
  runReconcileLoop({
    reconcile: createReconcile(options, observer),
    serve: ({ leaf }) => {
      listener?.onCertificate(leaf);
      latest = leaf;
      ready.resolve(leaf);
    },
    onProblem: (problem) => {
      currentProblem = problem;
      if (listener === undefined) {
        logger.warn({ problem }, 'cannot maintain the serving certificate, retrying');
      } else {
        listener.onProblem(problem);
      }
    },
    onRecovery: () => {
      currentProblem = undefined;
      logger.info('serving certificate recovered');
      listener?.onRecovery();
    },
    pollIntervalMs: options.timings?.pollIntervalMs ?? DEFAULT_TIMINGS.pollIntervalMs,
    signal: closing.signal,
  });

  const first = await ready.promise;
  options.signal?.removeEventListener('abort', abandon);
  return {
    first,
    watch: (watcher) => {
      listener = watcher;
      if (latest !== undefined && latest !== first) {
        watcher.onCertificate(latest);
      }
      if (currentProblem !== undefined) {
        watcher.onProblem(currentProblem);
      }
      return { close: () => closing.abort() };
    },
  };
}

function createReconcile(
  options: SelfManagedOptions,
  observer: SelfManagedObserver,
): (serving: Served | undefined) => Promise<Outcome> {
  const { client, namespace, serviceName, webhookConfigurationName, now = Date.now } = options;
  const reconcileOptions = {
    ...DEFAULT_TIMINGS,
    ...options.timings,
    now,
    serverName: `${serviceName}.${namespace}.svc`,
    store: createSecretStore(client, options),
    publisher: createCaBundlePublisher(client, webhookConfigurationName, observer),
    // A quarter of the bundle's code issues certificates; it is loaded only when one is to be issued.
    loadIssuer: () => import('../issue.ts'),
    onChange: ({ type, reason }: Readonly<{ type: string; reason: string }>) =>
      observer.logger.info({ change: type, reason }, 'certificate Secret changed'),
  };
  return (serving) => reconcileCertificates(reconcileOptions, serving);
}
