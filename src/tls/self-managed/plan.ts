import type { X509Certificate } from 'node:crypto';
import type { CertificateAuthority } from '../certificate.ts';
import { type CertificateState, readAdditional, readState, type SecretData } from './state.ts';
import {
  bundleOf,
  type Change,
  isAmong,
  isDue,
  isLeafOf,
  isPublished,
  isSame,
  isValid,
  type ObservedState,
  retire,
  type Served,
  stillNeeded,
  syncPublicationTimes,
  unique,
} from './trust.ts';

/** The next actions. */
export type Plan = Readonly<{
  state: CertificateState;
  /** To be written to the Secret first; undefined if the Secret needs no change. */
  change: Change | undefined;
  /** The PEM to publish; undefined if no bundle would verify the certificate that this replica serves. */
  bundle: string | undefined;
  /** The certificate to serve from now on; undefined if this replica serves the right one. */
  serve: Served | undefined;
}>;

/** Plans the next actions from the data of the Secret; total: any data leads to a sound state. */
export function planCertificates(data: SecretData, observed: ObservedState): Plan {
  const state = readState(data);
  return {
    state,
    change: nextChange(state, observed),
    bundle: chooseBundle(state, readAdditional(data), observed),
    serve: chooseLeaf(state, observed),
  };
}

/**
 * The clock and the observed state only decide whether there is a bundle. Its content depends on the Secret alone, so
 * that replicas whose clocks differ do not undo each other's work.
 */
function chooseBundle(
  state: CertificateState,
  additional: readonly X509Certificate[],
  observed: ObservedState,
): string | undefined {
  const isSound = state.current !== undefined && isValid(state.current.certificate, observed.now);
  const bundle = unique([...bundleOf(state), ...additional]);
  const needed = stillNeeded(state, observed);
  return isSound && needed.every((certificate) => isAmong(bundle, certificate)) ? bundle.join('') : undefined;
}

function chooseLeaf({ current, leaf }: CertificateState, observed: ObservedState): Served | undefined {
  const { now, serving, publicationLeadMs } = observed;
  if (current === undefined || leaf === undefined) {
    return undefined;
  }
  const isUsable = isValid(current.certificate, now) && isLeafOf(leaf, current, observed);
  const isServed = serving !== undefined && isSame(serving.leaf.certificate, leaf.certificate);
  if (!isUsable || isServed) {
    return undefined;
  }

  const chosen = { leaf, authority: current.certificate };
  const isOfSameAuthority = serving !== undefined && isSame(serving.authority, current.certificate);
  if (isOfSameAuthority) {
    return chosen;
  }
  if (!isPublished(current.certificate, observed)) {
    return undefined;
  }
  // A replica whose certificate callers already trust waits until all of them trust the new authority.
  const canWait = serving !== undefined && isValid(serving.leaf.certificate, now);
  const isKnown = current.publishedAt !== undefined && current.publishedAt + publicationLeadMs <= now;
  return isKnown || !canWait ? chosen : undefined;
}

/** The most urgent change of the Secret; undefined if it needs none. */
function nextChange(state: CertificateState, observed: ObservedState): Change | undefined {
  const { now, serverName } = observed;
  const current = ifValid(state.current, now);
  const next = ifValid(state.next, now);
  const hasLeaf =
    current !== undefined && state.leaf !== undefined && isLeafOf(state.leaf, current, observed);

  if (current === undefined) {
    return replaceCurrent(state, next, observed, 'ca.crt holds no authority that is valid now');
  }
  if (!hasLeaf && current.key === undefined) {
    return replaceCurrent(state, next, observed, 'tls.crt is of no use, and ca.key is not the key of ca.crt');
  }
  const forgotten = stillNeeded(state, observed).filter(
    (certificate) => !isAmong(bundleOf(state), certificate),
  );
  if (forgotten.length > 0) {
    const retired = retire([...forgotten, ...state.previous], observed);
    return {
      type: 'update',
      state: { ...state, ...retired },
      reason: 'certificates of other authorities may still be served',
    };
  }
  if (!hasLeaf) {
    return {
      type: 'renew-leaf',
      authority: current,
      reason: `tls.crt and tls.key are no valid pair that ca.crt has issued for ${serverName}`,
    };
  }
  return rotate({ ...state, next }, current, observed) ?? syncPublicationTimes({ ...state, next }, observed);
}

/** The changes that time brings. */
function rotate(
  state: CertificateState,
  current: CertificateAuthority,
  observed: ObservedState,
): Change | undefined {
  const { now, publicationLeadMs } = observed;
  const { leaf, next } = state;
  const isNextKnown = next?.publishedAt !== undefined && next.publishedAt + publicationLeadMs <= now;
  if (next !== undefined && isNextKnown && isPublished(next.certificate, observed)) {
    return promote(next, bundleOf(state), observed, 'the next authority has been published for long enough');
  }
  // No leaf outlives its authority, so renewing one that already lasts as long gains nothing.
  const canLast = leaf !== undefined && leaf.certificate.validToDate < current.certificate.validToDate;
  if (canLast && current.key !== undefined && isDue(leaf.certificate, now)) {
    return { type: 'renew-leaf', authority: current, reason: 'two thirds of its life are over' };
  }
  if (next === undefined && current.key === undefined) {
    return { type: 'add-next', reason: 'ca.key is not the key of ca.crt' };
  }
  if (next === undefined && isDue(current.certificate, now)) {
    return { type: 'add-next', reason: "two thirds of the current authority's life are over" };
  }
  return undefined;
}

/** Everything that is published stays trusted: other replicas may serve leaves of any of it. */
function replaceCurrent(
  state: CertificateState,
  next: CertificateAuthority | undefined,
  observed: ObservedState,
  reason: string,
): Change | undefined {
  const former = [...stillNeeded({ ...state, current: undefined }, observed), ...bundleOf(state)];
  if (next !== undefined) {
    return promote(next, former, observed, reason);
  }
  // While the bundles that callers trust are unknown, a new bundle could only remove trust.
  if (observed.published === undefined) {
    return undefined;
  }
  return { type: 'start-over', retired: retire(former, observed), reason };
}

function promote(
  authority: CertificateAuthority,
  former: readonly X509Certificate[],
  observed: ObservedState,
  reason: string,
): Change {
  const others = former.filter((certificate) => !isSame(certificate, authority.certificate));
  return { type: 'promote', authority, retired: retire(others, observed), reason };
}

function ifValid(authority: CertificateAuthority | undefined, now: number): CertificateAuthority | undefined {
  return authority !== undefined && isValid(authority.certificate, now) ? authority : undefined;
}
