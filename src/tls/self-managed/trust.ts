import type { X509Certificate } from 'node:crypto';
import { BACKDATED_MS } from '../issue.ts';
import type { Authority, CertificateState, Leaf } from './state.ts';

/** A serving certificate in use, with the authority that issued it. */
export type Serving = Readonly<{ leaf: Leaf; authority: X509Certificate }>;

/** What the plan depends on beside the Secret. */
export type Circumstances = Readonly<{
  /** Milliseconds since the epoch. */
  now: number;
  /** The DNS name that API servers verify: `<service>.<namespace>.svc`. */
  serverName: string;
  /** What this replica serves; undefined where it serves nothing yet. */
  serving: Serving | undefined;
  /** The certificates in the caBundle of each webhook; undefined where they could not be read. */
  published: readonly (readonly X509Certificate[])[] | undefined;
  leafLifetimeMs: number;
  /** For how long webhooks must have carried an authority before a leaf of it replaces one of another. */
  publicationLeadMs: number;
}>;

/** Authorities that issue no more, and until when they stay in the bundle. */
export type Retired = Pick<CertificateState, 'previous' | 'previousUntil'>;

/** What the Secret shall hold next, and why. */
export type Change = Readonly<
  { reason: string } & (
    | { type: 'start-over'; retired: Retired }
    | { type: 'promote'; authority: Authority; retired: Retired }
    | { type: 'renew-leaf'; authority: Authority }
    | { type: 'add-next' }
    | { type: 'update'; state: CertificateState }
  )
>;

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

/** All authorities of a state, the current one first. */
export function bundleOf({ current, next, previous }: CertificateState): readonly X509Certificate[] {
  const issuing = [current, next].flatMap((authority) => (authority ? [authority.certificate] : []));
  return unique([...issuing, ...previous]);
}

/** Whether every webhook is known to carry the certificate. */
export function isPublished(
  certificate: X509Certificate,
  { published }: Pick<Circumstances, 'published'>,
): boolean {
  return published?.every((bundle) => isAmong(bundle, certificate)) ?? false;
}

/** More than these are not kept: a bundle must not grow without end. */
export const MAX_PREVIOUS = 8;

/**
 * What a bundle must hold beside the authorities of the state: the issuer of what this replica serves, and, until the
 * current authority has been published, whatever is published now. Another replica, or what ran here before with
 * certificates from elsewhere, may serve a leaf of it.
 */
export function stillNeeded(
  { current }: CertificateState,
  { serving, published = [], now }: Circumstances,
): readonly X509Certificate[] {
  const own = serving !== undefined && isValid(serving.leaf.certificate, now) ? [serving.authority] : [];
  const others = current?.publishedAt === undefined ? published.flat() : [];
  return unique([...own, ...others])
    .filter((certificate) => isValid(certificate, now))
    .slice(0, MAX_PREVIOUS);
}

/** Keeps authorities, the most needed first, for as long as the youngest leaf of theirs can live. */
export function retire(
  certificates: readonly X509Certificate[],
  { now, leafLifetimeMs }: Circumstances,
): Retired {
  const valid = unique(certificates).filter((certificate) => isValid(certificate, now));
  return { previous: valid.slice(0, MAX_PREVIOUS), previousUntil: now + leafLifetimeMs };
}
