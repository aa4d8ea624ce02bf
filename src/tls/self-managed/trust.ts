import type { X509Certificate } from 'node:crypto';
import { BACKDATED_MS, type CertificateAuthority, type ServingCertificate } from '../certificate.ts';
import type { CertificateState } from './state.ts';

/** The serving certificate in use, and the authority that issued it. */
export type Served = Readonly<{ leaf: ServingCertificate; authority: X509Certificate }>;

/** Everything but the Secret that the plan depends on. */
export type ObservedState = Readonly<{
  /** Milliseconds since the epoch. */
  now: number;
  /** The DNS name that API servers verify: `<service>.<namespace>.svc`. */
  serverName: string;
  /** The certificate that this replica serves; undefined if it serves none yet. */
  serving: Served | undefined;
  /** The certificates in the caBundle of each webhook; undefined if they could not be read. */
  published: readonly (readonly X509Certificate[])[] | undefined;
  leafLifetimeMs: number;
  /** How long webhooks must have carried an authority before one of its leaves replaces another authority's. */
  publicationLeadMs: number;
}>;

/** Authorities that no longer issue, and until when they stay in the bundle. */
export type Retired = Pick<CertificateState, 'previous' | 'previousUntil'>;

/** The next change of the Secret, and its reason. */
export type Change = Readonly<
  { reason: string } & (
    | { type: 'start-over'; retired: Retired }
    | { type: 'promote'; authority: CertificateAuthority; retired: Retired }
    | { type: 'renew-leaf'; authority: CertificateAuthority }
    | { type: 'add-next' }
    | { type: 'update'; state: CertificateState }
  )
>;

/** A certificate is replaced after this share of its life, so that there is time to notice a failure to do so. */
const LIFE_SHARE = 2 / 3;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Whether a certificate is valid at a time, in milliseconds since the epoch. */
export function isValid(certificate: X509Certificate, now: number): boolean {
  return certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime();
}

/** Whether an API server that trusts only this authority accepts this leaf for this name, as Go verifies it. */
export function isLeafOf(
  { certificate }: Pick<ServingCertificate, 'certificate'>,
  { certificate: authority }: Pick<CertificateAuthority, 'certificate'>,
  { serverName, now }: Readonly<{ serverName: string; now: number }>,
): boolean {
  // Go reads names from the extension only, never from the common name.
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
  { published }: Pick<ObservedState, 'published'>,
): boolean {
  return published?.every((bundle) => isAmong(bundle, certificate)) ?? false;
}

/** The most that are kept, so that a bundle cannot grow without end. */
const MAX_PREVIOUS = 8;

/**
 * The certificates that a bundle must hold in addition to the authorities of the state: the issuer of the
 * certificate that this replica serves and, until the current authority has been published, everything published now. Another replica, or a
 * former installation with certificates from elsewhere, may serve a leaf of those.
 */
export function stillNeeded(
  { current }: CertificateState,
  { serving, published = [], now }: ObservedState,
): readonly X509Certificate[] {
  const own = serving !== undefined && isValid(serving.leaf.certificate, now) ? [serving.authority] : [];
  const others = current?.publishedAt === undefined ? published.flat() : [];
  return unique([...own, ...others])
    .filter((certificate) => isValid(certificate, now))
    .slice(0, MAX_PREVIOUS);
}

/** Keeps authorities, the most needed first, for as long as their youngest leaf can live. */
export function retire(
  certificates: readonly X509Certificate[],
  { now, leafLifetimeMs }: ObservedState,
): Retired {
  const valid = unique(certificates).filter((certificate) => isValid(certificate, now));
  return { previous: valid.slice(0, MAX_PREVIOUS), previousUntil: now + leafLifetimeMs };
}

/** Corrects the times that the Secret records: since when an authority is published, and until when it is kept. */
export function syncPublicationTimes(state: CertificateState, observed: ObservedState): Change | undefined {
  return syncPublishedAt(state, observed) ?? syncPreviousUntil(state, observed);
}

function syncPublishedAt(state: CertificateState, observed: ObservedState): Change | undefined {
  const { published, now, publicationLeadMs } = observed;
  const { current, next } = state;
  if (published === undefined) {
    return undefined;
  }
  if (next?.publishedAt !== undefined && !isPublished(next.certificate, observed)) {
    const withdrawn = { ...next, publishedAt: undefined };
    return update(state, { next: withdrawn }, 'the next authority is not published any more');
  }

  // A time further in the future than clocks may differ would delay the rotation until then.
  const isRecorded = (authority: CertificateAuthority | undefined) =>
    authority === undefined ||
    (authority.publishedAt !== undefined && authority.publishedAt <= now + publicationLeadMs);
  const isAllPublished = bundleOf(state).every((certificate) => isPublished(certificate, observed));
  if (!isAllPublished || (isRecorded(current) && isRecorded(next))) {
    return undefined;
  }
  const record = (authority: CertificateAuthority | undefined) =>
    authority === undefined || isRecorded(authority) ? authority : { ...authority, publishedAt: now };
  return update(state, { current: record(current), next: record(next) }, 'the bundle is published');
}

function syncPreviousUntil(state: CertificateState, observed: ObservedState): Change | undefined {
  const { now, serving, leafLifetimeMs, publicationLeadMs } = observed;
  const { previous, previousUntil } = state;
  if (previous.length === 0) {
    return undefined;
  }
  if (previousUntil === undefined || previousUntil > now + leafLifetimeMs + publicationLeadMs) {
    return update(state, retire(previous, observed), 'previous-ca.until is no time that makes sense');
  }
  const isStillServed = serving !== undefined && isAmong(previous, serving.authority);
  return previousUntil <= now && !isStillServed
    ? update(
        state,
        { previous: [], previousUntil: undefined },
        'all leaves of previous authorities have expired',
      )
    : undefined;
}

function update(state: CertificateState, fields: Partial<CertificateState>, reason: string): Change {
  return { type: 'update', state: { ...state, ...fields }, reason };
}
