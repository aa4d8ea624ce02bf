import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { TlsConfig } from './config/config.ts';
import type { ApiClient } from './kubernetes/api-client.ts';
import { createCaBundleMetrics } from './observability/ca-bundle-metrics.ts';
import { type CertificateFiles, loadCertificateFiles } from './tls/certificate-files.ts';

/** What the certificate is started with. */
export type CertificateParts = Readonly<{
  /** Gives the client of the API server; not called where none is needed. */
  connect: () => Promise<ApiClient>;
  registry: Registry;
  logger: Logger;
}>;

/**
 * Gets the serving certificate from where the configuration says; a self-managed one may take as long as the API server
 * is away.
 *
 * @throws {CertificateError} where files cannot be used; {ConnectionError}
 */
export async function startCertificate(
  config: TlsConfig,
  { connect, registry, logger }: CertificateParts,
): Promise<CertificateFiles> {
  if (config.mode === 'files') {
    return loadCertificateFiles(config);
  }
  // Imported only where it is needed: what issues certificates takes memory and time to load.
  const { startSelfManagedCertificate } = await import('./tls/self-managed.ts');
  return startSelfManagedCertificate(
    { ...config, client: await connect() },
    { logger, countBundleRestore: createCaBundleMetrics(registry).countRestore },
  );
}
