import type { Logger } from 'pino';
import { createCaBundlePublisher } from '../../kubernetes/ca-bundle.ts';
import type { ApiClient } from '../../kubernetes/client.ts';
import { createSecretStore } from '../../kubernetes/secret-store.ts';
import type { CertificateFiles, CertificateListener, CertificatePair } from '../certificate-files.ts';
import { keepUpCertificates } from './loop.ts';
import { type Outcome, reconcileCertificates } from './reconcile.ts';
import type { Serving } from './trust.ts';

export type SelfManagedOptions = Readonly<{
  client: ApiClient;
  /** Where the Secret and the Service are. */
  namespace: string;
  /** The Secret through which the replicas agree; it must exist, and may be empty. */
  secretName: string;
  /** The Service by which API servers call: the certificate is for `<serviceName>.<namespace>.svc`. */
  serviceName: string;
  /** The name of both the mutating and the validating configuration whose webhooks shall trust the certificate. */
  webhookConfigurationName: string;
  /** Gives up before there is a certificate. */
  signal?: AbortSignal;
  /** Milliseconds since the epoch; the system's clock unless given. */
  now?: () => number;
  timings?: Partial<SelfManagedTimings>;
}>;

/** Who is told of the upkeep. */
export type SelfManagedObserver = Readonly<{
  /** What was changed and why; and, until there is a listener, what stands in the way. */
  logger: Pick<Logger, 'info' | 'warn'>;
  /** A caBundle that somebody else had changed was put back. */
  countBundleRestore: () => void;
}>;

/**
 * Agrees with the other replicas on a CA and a serving certificate, and has the webhook configurations trust it; from
 * then on renews all of it until the watch is closed. Resolves once there is a certificate that they trust: as long as
 * the API server is away, or refuses something, it logs why and tries again.
 *
 * @throws the reason of the signal, where that is aborted before
 */
export async function startSelfManagedCertificate(
  options: SelfManagedOptions,
  observer: SelfManagedObserver,
): Promise<CertificateFiles> {
  const { logger } = observer;
  const closing = new AbortController();
  const ready = Promise.withResolvers<CertificatePair>();
  let listener: CertificateListener | undefined;
  let latest: CertificatePair | undefined;

  const abandon = () => {
    closing.abort();
    ready.reject(options.signal?.reason);
  };
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', abandon, { once: true });
  keepUpCertificates({
    step: createStep(options, observer),
    serve: (chosen) => {
      const pair = pairOf(chosen);
      listener?.onCertificate(pair);
      latest = pair;
      ready.resolve(pair);
    },
    onProblem: (problem) => {
      if (listener === undefined) {
        logger.warn({ problem }, 'serving certificate: not in order, trying again');
      } else {
        listener.onProblem(problem);
      }
    },
    onEndOfProblem: () => logger.info('serving certificate: in order again'),
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
      return { close: () => closing.abort() };
    },
  };
}

function createStep(
  options: SelfManagedOptions,
  { logger, countBundleRestore }: SelfManagedObserver,
): (serving: Serving | undefined) => Promise<Outcome> {
  const { client, namespace, serviceName, webhookConfigurationName, now = Date.now } = options;
  const told = new Set<string>();
  const reconcileOptions = {
    ...DEFAULT_TIMINGS,
    ...options.timings,
    now,
    serverName: `${serviceName}.${namespace}.svc`,
    store: createSecretStore(client, options),
    publisher: createCaBundlePublisher(client, webhookConfigurationName, {
      now,
      observer: {
        onAbsent: (configuration) =>
          logger.info(
            { configuration },
            'CA bundle: waiting for a webhook configuration that does not exist',
          ),
        onRestore: (configuration) => {
          countBundleRestore();
          if (!told.has(configuration)) {
            told.add(configuration);
            logger.warn(
              { configuration },
              'CA bundle: put back after somebody had changed it; told once, counted each time',
            );
          }
        },
      },
    }),
    // A quarter of the bundle is what it imports; that is evaluated only where something is to be made.
    loadIssuer: () => import('../issue.ts'),
    onChange: ({ type, reason }: Readonly<{ type: string; reason: string }>) =>
      logger.info({ change: type, reason }, 'serving certificate: Secret changed'),
  };
  return (serving) => reconcileCertificates(reconcileOptions, serving);
}

function pairOf({ leaf: { certificate, privateKeyPem } }: Serving): CertificatePair {
  return { cert: certificate.toString(), key: privateKeyPem, expiresAt: certificate.validToDate };
}

const DAY_MS = 86_400_000;

/** How long things last, in milliseconds; docs/decisions/0011-replicas-make-their-certificates.md says why. */
export type SelfManagedTimings = Readonly<{
  /** The life of a CA; after two thirds of it, the next one is made. */
  authorityLifetimeMs: number;
  /** The life of a serving certificate; after two thirds of it, another is issued. */
  leafLifetimeMs: number;
  /** How long a CA is published before a certificate of it takes the place of one of another. */
  publicationLeadMs: number;
  /** Between two looks at the Secret and the webhook configurations, less a random part of up to a half. */
  pollIntervalMs: number;
}>;

export const DEFAULT_TIMINGS: SelfManagedTimings = {
  authorityLifetimeMs: 365 * DAY_MS,
  leafLifetimeMs: 90 * DAY_MS,
  publicationLeadMs: 3_600_000,
  pollIntervalMs: 5_000,
};
