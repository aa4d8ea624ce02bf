import type { X509Certificate } from 'node:crypto';
import { isAmong, isValid, unique } from './certificate-rules.ts';
import type { CertificateState } from './certificate-state.ts';
import type { Circumstances } from './circumstances.ts';

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
