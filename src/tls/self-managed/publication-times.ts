import type { Authority, CertificateState } from './state.ts';
import { bundleOf, type Change, type Circumstances, isAmong, isPublished, retire } from './trust.ts';

/** The changes of what the Secret records about its authorities: what is published since when, and kept until when. */
export function correctRecords(state: CertificateState, circumstances: Circumstances): Change | undefined {
  return correctPublication(state, circumstances) ?? correctPrevious(state, circumstances);
}

function correctPublication(state: CertificateState, circumstances: Circumstances): Change | undefined {
  const { published, now, publicationLeadMs } = circumstances;
  const { current, next } = state;
  if (published === undefined) {
    return undefined;
  }
  if (next?.publishedAt !== undefined && !isPublished(next.certificate, circumstances)) {
    const withdrawn = { ...next, publishedAt: undefined };
    return update(state, { next: withdrawn }, 'the next authority is not published any more');
  }

  // A time in the future, beyond what clocks may differ by, would put the rotation off until then.
  const isRecorded = (authority: Authority | undefined) =>
    authority === undefined ||
    (authority.publishedAt !== undefined && authority.publishedAt <= now + publicationLeadMs);
  const isAllPublished = bundleOf(state).every((certificate) => isPublished(certificate, circumstances));
  if (!isAllPublished || (isRecorded(current) && isRecorded(next))) {
    return undefined;
  }
  const record = (authority: Authority | undefined) =>
    authority === undefined || isRecorded(authority) ? authority : { ...authority, publishedAt: now };
  return update(state, { current: record(current), next: record(next) }, 'the bundle is published');
}

function correctPrevious(state: CertificateState, circumstances: Circumstances): Change | undefined {
  const { now, serving, leafLifetimeMs, publicationLeadMs } = circumstances;
  const { previous, previousUntil } = state;
  if (previous.length === 0) {
    return undefined;
  }
  if (previousUntil === undefined || previousUntil > now + leafLifetimeMs + publicationLeadMs) {
    return update(state, retire(previous, circumstances), 'previous-ca.until is no time that makes sense');
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
