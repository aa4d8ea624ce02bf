import type { X509Certificate } from 'node:crypto';
import { BACKDATED_MS } from './backdated.ts';
import type { Authority, Leaf } from './certificate-state.ts';

/** The share of its life after which a certificate is replaced: time enough to notice that it was not. */
const LIFE_SHARE = 2 / 3;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Whether a certificate is valid at a time, in milliseconds since the epoch. */
export function isValid(certificate: X509Certificate, now: number): boolean {
  return certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime();
}

/** Whether an API server that trusts this authority alone accepts this leaf under this name, as Go verifies it. */
export function isLeafOf(
  leaf: Leaf,
  { certificate: authority }: Pick<Authority, 'certificate'>,
  { serverName, now }: Readonly<{ serverName: string; now: number }>,
): boolean {
  const { certificate } = leaf;
  // Without names in its extension, the common name does not count: Go looks at the extension alone.
  const hasName = certificate.checkHost(serverName, { subject: 'never' }) !== undefined;
  const usages = certificate.keyUsage;
  const isForServers = usages === undefined || usages.includes(SERVER_AUTH);
  const isIssued = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  return hasName && isForServers && isIssued && isValid(certificate, now);
}

/** Whether two thirds of a certificate's life are over, counted from its issue. */
export function isDue(certificate: X509Certificate, now: number): boolean {
  const issued = certificate.validFromDate.getTime() + BACKDATED_MS;
  return now >= issued + LIFE_SHARE * (certificate.validToDate.getTime() - issued);
}

export function isAmong(certificates: readonly X509Certificate[], certificate: X509Certificate): boolean {
  return certificates.some((other) => isSame(other, certificate));
}

export function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return one.fingerprint256 === other.fingerprint256;
}

/** The certificates, each once, in their order. */
export function unique(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  return certificates.filter((certificate, index) => !isAmong(certificates.slice(0, index), certificate));
}
