import { areEquallySpecific, type RankedAllowlist } from './namespace-index.ts';
import type { Policy } from './policy.ts';
import type { Subject } from './subject.ts';

/** The role that a pod without one gets, and from which list. */
export type DefaultRole = Readonly<{
  role: string;
  allowlist: string;
  /** The names of equally specific lists with another default, which lost by their names alone. */
  conflictsWith: readonly string[];
}>;

/**
 * Finds the default role among the lists that apply to a pod, given the most specific first. Lists of which
 * the pod is no target take no part. Never decided by age or order of arrival: a restore or a re-creation must
 * not change anybody's role.
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
