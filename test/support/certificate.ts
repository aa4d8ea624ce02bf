import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '../../src/tls/certificate.ts';
import { createCertificateAuthority, issueServingCertificate } from '../../src/tls/issue.ts';

const DAYS = 2;

/** A serving certificate for localhost with its authority, PEM. */
export type Certificate = Readonly<{ caPem: string; certPem: string; keyPem: string }>;

/** Makes a certificate that no other call makes. */
export async function makeCertificate(days = DAYS): Promise<Certificate> {
  const authority = await createCertificateAuthority('test', days * DAY_MS);
  const names = { dns: ['localhost'], ip: ['127.0.0.1', '::1'] };
  const { cert, key } = await issueServingCertificate(authority, names, days * DAY_MS);
  return { caPem: authority.certificate.toString(), certPem: cert, keyPem: key };
}

/** Where the files of a certificate lie, as the configuration names them. */
export type CertificateFiles = Readonly<{ tlsCertFile: string; tlsPrivateKeyFile: string }>;

/** Writes a certificate and its key into a directory, over those that are there. */
export function writeCertificate(directory: string, { certPem, keyPem }: Certificate): CertificateFiles {
  const files = { tlsCertFile: join(directory, 'tls.crt'), tlsPrivateKeyFile: join(directory, 'tls.key') };
  writeFileSync(files.tlsCertFile, certPem);
  writeFileSync(files.tlsPrivateKeyFile, keyPem);
  return files;
}
