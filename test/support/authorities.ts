import { X509Certificate } from 'node:crypto';
import {
  createCertificateAuthority,
  exportCertificateAuthority,
  issueServingCertificate,
  loadCertificateAuthority,
} from '../../src/tls/issue.ts';
import type { Authority, Leaf } from '../../src/tls/self-managed/state.ts';

const DAY_MS = 86_400_000;

export const SERVER_NAME = 'hook.hooks.svc';

/** Makes a CA at a time, in milliseconds since the epoch, that lives for some milliseconds. */
export async function makeAuthority(madeAt: number, lifetimeMs: number): Promise<Authority> {
  const made = await createCertificateAuthority(`test ${crypto.randomUUID()}`, lifetimeMs / DAY_MS, madeAt);
  const { certificatePem, privateKeyPem } = await exportCertificateAuthority(made);
  return { certificate: new X509Certificate(certificatePem), privateKeyPem, publishedAt: undefined };
}

/** Has a CA issue a leaf at a time, in milliseconds since the epoch, that lives for some milliseconds. */
export async function makeLeaf(
  { certificate, privateKeyPem = '' }: Authority,
  issuedAt: number,
  lifetimeMs: number,
  name = SERVER_NAME,
): Promise<Leaf> {
  const { certificatePem, ...rest } = await issueServingCertificate(
    await loadCertificateAuthority(certificate.toString(), privateKeyPem),
    { dns: [name], ip: [] },
    lifetimeMs / DAY_MS,
    issuedAt,
  );
  return { certificate: new X509Certificate(certificatePem), privateKeyPem: rest.privateKeyPem };
}
