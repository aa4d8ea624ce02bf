import { isAmong, isLeafOf, isSame, isValid } from './certificate-rules.ts';
import { type CertificateState, readState, type SecretData } from './certificate-state.ts';
import type { Change } from './change.ts';
import type { Circumstances, Serving } from './circumstances.ts';
import { nextChange } from './plan-change.ts';
import { bundleOf, isPublished, stillNeeded } from './trust.ts';

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
