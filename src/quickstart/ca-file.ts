import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

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
