import { areEquallySpecific, type RankedAllowlist } from './namespace-index.ts';
import type { Policy } from './policy.ts';
import type { Subject } from './subject.ts';

/** The role that a pod without one gets, and the allowlist that sets it. */
export type DefaultRole = Readonly<{
  role: string;
  allowlist: string;
  /** The names of equally specific allowlists with another default, which come later by name. */
  conflictsWith: readonly string[];
}>;

/**
 * Finds the default role among the allowlists that apply to a pod, given the most specific first. Ignores allowlists that
 * do not inject into this pod. Never depends on age or order of arrival: a restore must not change the role of a pod.
 */
export function findDefaultRole(
  policy: Policy,
  subject: Subject,
  applying: readonly RankedAllowlist[],
): DefaultRole | undefined {
  if (subject.isMirrorPod) {
    return undefined;
  }

  const isEciPod = subject.hasEciMarker || policy.settings.eciDetection === 'all-pods';
  const candidates = applying.flatMap((ranked) => {
    const { defaultRole, spec, name } = ranked.allowlist;
    const isTarget = isEciPod || spec.injectInto === 'AllPods';
    return defaultRole !== undefined && isTarget ? [{ ranked, role: defaultRole, name }] : [];
  });

  const [first, ...others] = candidates;
  return (
    first && {
      role: first.role,
      allowlist: first.name,
      conflictsWith: others
        .filter(({ ranked, role }) => role !== first.role && areEquallySpecific(ranked, first.ranked))
        .map(({ name }) => name),
    }
  );
}
