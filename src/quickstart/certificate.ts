import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../text/printable.ts';
import { UsableError } from '../text/problem.ts';
import { DAY_MS } from '../tls/certificate.ts';
import { createCertificateAuthority, issueServingCertificate } from '../tls/issue.ts';

const LIFETIME_MS = 7 * DAY_MS;
const OWNER_ONLY = 0o600;
const LOOPBACK = ['127.0.0.1', '::1'];

/** A temporary directory, which only this user can read, and the paths of the files of a certificate in it. */
export type TemporaryDirectory = Readonly<{
  path: string;
  certFile: string;
  privateKeyFile: string;
  remove: () => void;
}>;

/** @throws {UsableError} if the directory cannot be created */
export function createTemporaryDirectory(): TemporaryDirectory {
  const path = makeDirectory();
  return {
    path,
    certFile: join(path, 'tls.crt'),
    privateKeyFile: join(path, 'tls.key'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function makeDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-'));
  } catch (error) {
    throw new UsableError(
      `${tmpdir()}: expected a directory for temporary files, found ${errorMessage(error)}; choose another with TMPDIR`,
    );
  }
}

/**
 * Creates a certificate authority, and writes a serving certificate for localhost, 127.0.0.1, ::1 and another address,
 * valid for a week. Returns the certificate of the authority, PEM.
 */
export async function writeTemporaryCertificate(
  { certFile, privateKeyFile }: TemporaryDirectory,
  address: string,
): Promise<string> {
  const authority = await createCertificateAuthority('eci-ram-role-webhook quickstart', LIFETIME_MS);
  const { cert, key } = await issueServingCertificate(
    authority,
    { dns: ['localhost'], ip: [...new Set([...LOOPBACK, address])] },
    LIFETIME_MS,
  );
  writeFileSync(certFile, cert);
  writeFileSync(privateKeyFile, key, { mode: OWNER_ONLY });
  return authority.certificate.toString();
}

/** Outside of the checkout, which may be read-only or another user's. */
const CACHE = join(homedir(), '.cache/eci-ram-role-webhook');

/** Writes the certificates that curl is to trust to a file of the user's cache, or of another directory if that fails. */
export function writeCaFile(pem: string, port: number, otherDirectory: string): string {
  const name = `ca-${port}.crt`;
  try {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(join(CACHE, name), pem);
    return join(CACHE, name);
  } catch {
    writeFileSync(join(otherDirectory, name), pem);
    return join(otherDirectory, name);
  }
}
