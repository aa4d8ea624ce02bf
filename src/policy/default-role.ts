import { MAX_LISTED } from '../text/printable.ts';
import { applies } from './allowlist.ts';
import type { Policy } from './policy.ts';
import { areEquallySpecific, type RankedAllowlist, type Selection } from './selection.ts';
import type { Subject } from './subject.ts';

/** The role that a pod without one gets, and the allowlist that sets it. */
export type DefaultRole = Readonly<{
  role: string;
  allowlist: string;
  /** The first names of equally specific allowlists with another default, which come later by name. */
  conflictsWith: readonly string[];
}>;

/**
 * Finds the default role of a pod among the allowlists that select its namespace, at a time in milliseconds since the
 * epoch. Ignores allowlists that do not inject into this pod. Never depends on age or order of arrival: a restore must not
 * change the role of a pod.
 */
export function findDefaultRole(
  policy: Policy,
  subject: Subject,
  { ranked }: Selection,
  now: number,
): DefaultRole | undefined {
  if (subject.isMirrorPod) {
    return undefined;
  }

  const isEciPod = countsAsEciPod(policy, subject);
  let first: Readonly<{ ranked: RankedAllowlist; role: string }> | undefined;
  const conflictsWith: string[] = [];
  for (const candidate of ranked) {
    const { defaultRole, spec, name } = candidate.allowlist;
    const isTarget = isEciPod || spec.injectInto === 'AllPods';
    if (defaultRole === undefined || !isTarget || defaultRole === first?.role) {
      continue;
    }
    const isOver = first !== undefined && !areEquallySpecific(candidate, first.ranked);
    if (isOver || conflictsWith.length === MAX_LISTED) {
      break;
    }
    if (!applies(candidate.allowlist, subject, now)) {
      continue;
    }
    if (first === undefined) {
      first = { ranked: candidate, role: defaultRole };
    } else {
      conflictsWith.push(name);
    }
  }
  return first && { role: first.role, allowlist: first.ranked.allowlist.name, conflictsWith };
}

/** Whether a pod that names no role may get a default from an allowlist that is not known yet. */
export function canGetDefaultRole(policy: Policy, subject: Subject): boolean {
  return !subject.isMirrorPod && (countsAsEciPod(policy, subject) || policy.injectsIntoAllPods());
}

function countsAsEciPod({ settings }: Policy, { hasEciMarker }: Subject): boolean {
  return hasEciMarker || settings.eciDetection === 'all-pods';
}
