import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '../tls/certificate.ts';
import { createCertificateAuthority, issueServingCertificate } from '../tls/issue.ts';

const LIFETIME_MS = 7 * DAY_MS;
const OWNER_ONLY = 0o600;

/** A serving certificate for this machine, in files of a temporary directory. */
export type TemporaryCertificate = Readonly<{
  certFile: string;
  privateKeyFile: string;
  /** The certificate of the authority that issued it, PEM. */
  authorityPem: string;
  remove: () => void;
}>;

/** Creates a certificate authority and a serving certificate for localhost, 127.0.0.1 and ::1, valid for a week. */
export async function createTemporaryCertificate(): Promise<TemporaryCertificate> {
  const authority = await createCertificateAuthority('eci-ram-role-webhook quickstart', LIFETIME_MS);
  const { cert, key } = await issueServingCertificate(
    authority,
    { dns: ['localhost'], ip: ['127.0.0.1', '::1'] },
    LIFETIME_MS,
  );

  const directory = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-'));
  const certFile = join(directory, 'tls.crt');
  const privateKeyFile = join(directory, 'tls.key');
  writeFileSync(certFile, cert);
  writeFileSync(privateKeyFile, key, { mode: OWNER_ONLY });
  return {
    certFile,
    privateKeyFile,
    authorityPem: authority.certificate.toString(),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
