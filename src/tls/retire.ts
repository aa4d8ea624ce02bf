import type { X509Certificate } from 'node:crypto';
import { isValid, unique } from './certificate-rules.ts';
import type { Retired } from './change.ts';
import type { Circumstances } from './circumstances.ts';
import { MAX_PREVIOUS } from './trust.ts';

/** Keeps authorities, the most needed first, for as long as the youngest leaf of theirs can live. */
export function retire(
  certificates: readonly X509Certificate[],
  { now, leafLifetimeMs }: Circumstances,
): Retired {
  const valid = unique(certificates).filter((certificate) => isValid(certificate, now));
  return { previous: valid.slice(0, MAX_PREVIOUS), previousUntil: now + leafLifetimeMs };
}
