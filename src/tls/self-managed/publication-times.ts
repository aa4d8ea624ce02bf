import type { CertificateAuthority } from '../certificate.ts';
import type { CertificateState } from './state.ts';
import { bundleOf, type Change, isAmong, isPublished, type ObservedState, retire } from './trust.ts';

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
