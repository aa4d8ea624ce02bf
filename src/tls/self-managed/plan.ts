import type { X509Certificate } from 'node:crypto';
import { correctRecords } from './publication-times.ts';
import { type Authority, type CertificateState, readState, type SecretData } from './state.ts';
import {
  bundleOf,
  type Change,
  type Circumstances,
  isAmong,
  isDue,
  isLeafOf,
  isPublished,
  isSame,
  isValid,
  retire,
  type Serving,
  stillNeeded,
} from './trust.ts';

/** What to do now. */
export type Plan = Readonly<{
  state: CertificateState;
  /** To be written to the Secret first; undefined where it is as it should be. */
  change: Change | undefined;
  /** The PEM to publish; undefined where there is none that verifies what this replica serves. */
  bundle: string | undefined;
  /** What to serve from now on; undefined where that stays as it is. */
  serve: Serving | undefined;
}>;

/** Says what to do about the certificates, given what the Secret holds; total: any data leads to a sound state. */
export function planCertificates(data: SecretData, circumstances: Circumstances): Plan {
  const state = readState(data);
  return {
    state,
    change: nextChange(state, circumstances),
    bundle: chooseBundle(state, circumstances),
    serve: chooseLeaf(state, circumstances),
  };
}

/**
 * Beyond what it may not be, the bundle is a function of the Secret alone: replicas whose clocks differ must not undo
 * each other's work.
 */
function chooseBundle(state: CertificateState, circumstances: Circumstances): string | undefined {
  const isSound = state.current !== undefined && isValid(state.current.certificate, circumstances.now);
  const bundle = bundleOf(state);
  const needed = stillNeeded(state, circumstances);
  return isSound && needed.every((certificate) => isAmong(bundle, certificate)) ? bundle.join('') : undefined;
}

function chooseLeaf({ current, leaf }: CertificateState, circumstances: Circumstances): Serving | undefined {
  const { now, serving, publicationLeadMs } = circumstances;
  if (current === undefined || leaf === undefined) {
    return undefined;
  }
  const isUsable = isValid(current.certificate, now) && isLeafOf(leaf, current, circumstances);
  const isServed = serving !== undefined && isSame(serving.leaf.certificate, leaf.certificate);
  if (!isUsable || isServed) {
    return undefined;
  }

  const chosen = { leaf, authority: current.certificate };
  const isOfSameAuthority = serving !== undefined && isSame(serving.authority, current.certificate);
  if (isOfSameAuthority) {
    return chosen;
  }
  if (!isPublished(current.certificate, circumstances)) {
    return undefined;
  }
  // Whoever has a certificate that callers know already can wait for all of them to learn of the new authority.
  const canWait = serving !== undefined && isValid(serving.leaf.certificate, now);
  const isKnown = current.publishedAt !== undefined && current.publishedAt + publicationLeadMs <= now;
  return isKnown || !canWait ? chosen : undefined;
}

/** The most urgent change of the Secret, undefined where it is as it should be. */
export function nextChange(state: CertificateState, circumstances: Circumstances): Change | undefined {
  const { now, serverName } = circumstances;
  const current = ifValid(state.current, now);
  const next = ifValid(state.next, now);
  const hasLeaf =
    current !== undefined && state.leaf !== undefined && isLeafOf(state.leaf, current, circumstances);

  if (current === undefined) {
    return replaceCurrent(state, next, circumstances, 'ca.crt holds no authority that is valid now');
  }
  if (!hasLeaf && current.privateKeyPem === undefined) {
    return replaceCurrent(
      state,
      next,
      circumstances,
      'tls.crt is of no use, and ca.key is not the key of ca.crt',
    );
  }
  const forgotten = stillNeeded(state, circumstances).filter(
    (certificate) => !isAmong(bundleOf(state), certificate),
  );
  if (forgotten.length > 0) {
    const retired = retire([...forgotten, ...state.previous], circumstances);
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
  return (
    rotate({ ...state, next }, current, circumstances) ?? correctRecords({ ...state, next }, circumstances)
  );
}

/** The changes that time brings. */
function rotate(
  state: CertificateState,
  current: Authority,
  circumstances: Circumstances,
): Change | undefined {
  const { now, publicationLeadMs } = circumstances;
  const { leaf, next } = state;
  const isNextKnown = next?.publishedAt !== undefined && next.publishedAt + publicationLeadMs <= now;
  if (next !== undefined && isNextKnown && isPublished(next.certificate, circumstances)) {
    return promote(
      next,
      bundleOf(state),
      circumstances,
      'the next authority has been published for long enough',
    );
  }
  // A leaf ends with its authority at the latest: renewing one that does gains nothing.
  const canLast = leaf !== undefined && leaf.certificate.validToDate < current.certificate.validToDate;
  if (canLast && current.privateKeyPem !== undefined && isDue(leaf.certificate, now)) {
    return { type: 'renew-leaf', authority: current, reason: 'two thirds of its life are over' };
  }
  if (next === undefined && current.privateKeyPem === undefined) {
    return { type: 'add-next', reason: 'ca.key is not the key of ca.crt' };
  }
  if (next === undefined && isDue(current.certificate, now)) {
    return { type: 'add-next', reason: "two thirds of the current authority's life are over" };
  }
  return undefined;
}

/** Whatever is published stays trusted: it is not known which of it other replicas serve leaves of. */
function replaceCurrent(
  state: CertificateState,
  next: Authority | undefined,
  circumstances: Circumstances,
  reason: string,
): Change | undefined {
  const former = [...stillNeeded({ ...state, current: undefined }, circumstances), ...bundleOf(state)];
  if (next !== undefined) {
    return promote(next, former, circumstances, reason);
  }
  // Not knowing what callers trust, one could only take it from them.
  if (circumstances.published === undefined) {
    return undefined;
  }
  return { type: 'start-over', retired: retire(former, circumstances), reason };
}

function promote(
  authority: Authority,
  former: readonly X509Certificate[],
  circumstances: Circumstances,
  reason: string,
): Change {
  const others = former.filter((certificate) => !isSame(certificate, authority.certificate));
  return { type: 'promote', authority, retired: retire(others, circumstances), reason };
}

function ifValid(authority: Authority | undefined, now: number): Authority | undefined {
  return authority !== undefined && isValid(authority.certificate, now) ? authority : undefined;
}
