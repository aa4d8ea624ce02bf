import type { CertificateAuthority, ServingCertificate } from '../../src/tls/certificate.ts';
import { createCertificateAuthority, issueServingCertificate } from '../../src/tls/issue.ts';

export const SERVER_NAME = 'hook.hooks.svc';

/** Makes a CA at a time, in milliseconds since the epoch, that lives for some milliseconds. */
export function makeAuthority(madeAt: number, lifetimeMs: number): Promise<CertificateAuthority> {
  return createCertificateAuthority(`test ${crypto.randomUUID()}`, lifetimeMs, madeAt);
}

/** Has a CA issue a leaf at a time, in milliseconds since the epoch, that lives for some milliseconds. */
export function makeLeaf(
  authority: CertificateAuthority,
  issuedAt: number,
  lifetimeMs: number,
  name = SERVER_NAME,
): Promise<ServingCertificate> {
  return issueServingCertificate(authority, { dns: [name], ip: [] }, lifetimeMs, issuedAt);
}
