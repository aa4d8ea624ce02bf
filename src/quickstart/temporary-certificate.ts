import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority, issueServingCertificate } from '../tls/issue.ts';

const DAYS = 7;
const OWNER_ONLY = 0o600;

/** A serving certificate for this machine in files of a temporary directory. */
export type TemporaryCertificate = Readonly<{
  certFile: string;
  privateKeyFile: string;
  /** The certificate of the authority that issued it, PEM. */
  authorityPem: string;
  remove: () => void;
}>;

/** Makes a certificate authority and a serving certificate for localhost, 127.0.0.1, ::1; they last a week. */
export async function createTemporaryCertificate(): Promise<TemporaryCertificate> {
  const authority = await createCertificateAuthority('eci-ram-role-webhook quickstart', DAYS);
  const { certificatePem, privateKeyPem } = await issueServingCertificate(
    authority,
    { dns: ['localhost'], ip: ['127.0.0.1', '::1'] },
    DAYS,
  );

  const directory = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-'));
  const certFile = join(directory, 'tls.crt');
  const privateKeyFile = join(directory, 'tls.key');
  writeFileSync(certFile, certificatePem);
  writeFileSync(privateKeyFile, privateKeyPem, { mode: OWNER_ONLY });
  return {
    certFile,
    privateKeyFile,
    authorityPem: authority.certificate.toString('pem'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
