import type { Logger } from 'pino';
import type { TlsConfig } from './config.ts';
import type { ApiClient } from './kubernetes/api-client.ts';
import { type CertificateFiles, loadCertificateFiles } from './tls/certificate-files.ts';

/**
 * Gets the serving certificate from where the configuration says.
 *
 * @throws {CertificateError} where files cannot be used
 */
export async function startCertificate(
  config: TlsConfig,
  _connect: () => Promise<ApiClient>,
  _logger: Logger,
): Promise<CertificateFiles> {
  if (config.mode === 'files') {
    return loadCertificateFiles(config);
  }
  throw new Error('self-managed');
}
