import type { Server } from 'node:https';
import type { Logger } from 'pino';
import type { TlsConfig } from './config/config.ts';
import { replaceCertificate } from './http/https-server.ts';
import type { ApiClient, ServerClock } from './kubernetes/client.ts';
import type { CertificateMetrics } from './observability/server-metrics.ts';
import { type CertificateSource, loadCertificateFiles, type ServingCertificate } from './tls/certificate.ts';

/** The serving certificate of the webhook. */
export type Certificates = Readonly<{
  first: ServingCertificate;
  /** Serves each later certificate to new connections. */
  keepUpToDate: (server: Server) => void;
  close: () => void;
}>;

export type CertificatesOptions = Readonly<{
  tls: TlsConfig;
  getClient: () => Promise<ApiClient & ServerClock>;
  metrics: CertificateMetrics;
  logger: Logger;
}>;

/**
 * Resolves with the first serving certificate. A self-managed one may take as long as the API server is down.
 *
 * @throws {UsableError} if files of a certificate cannot be used
 */
export async function startCertificates(options: CertificatesOptions): Promise<Certificates> {
  const { metrics, logger } = options;
  const source = await startSource(options);
  let close = (): void => undefined;
  recordExpiry(source.first);
  return {
    first: source.first,
    keepUpToDate: (server) => {
      const watch = source.watch({
        onCertificate: (certificate) => {
          replaceCertificate(server, certificate);
          recordExpiry(certificate);
          logger.info({ expiresAt: certificate.certificate.validToDate }, 'serving certificate reloaded');
        },
        onProblem: (problem) => {
          metrics.countReloadFailure();
          logger.error({ problem }, 'serving certificate not reloaded: the last good one stays in use');
        },
        onRecovery: metrics.recordReload,
      });
      close = watch.close;
    },
    close: () => close(),
  };

  function recordExpiry({ certificate }: ServingCertificate): void {
    metrics.recordExpiry(certificate.validToDate);
  }
}

async function startSource({
  tls,
  getClient,
  metrics: { countBundleRestore },
  logger,
}: CertificatesOptions): Promise<CertificateSource> {
  if (tls.mode === 'files') {
    return loadCertificateFiles(tls);
  }
  // Imported when needed: the code that issues certificates takes memory and time to load.
  const { startSelfManagedCertificate } = await import('./tls/self-managed/start.ts');
  const client = await getClient();
  // The API server verifies the certificates, by its own clock. Replicas whose clocks differ would undo each other's.
  const now = () => Date.now() + (client.clockOffsetMs() ?? 0);
  return startSelfManagedCertificate({ ...tls, client, now }, { logger, countBundleRestore });
}
