import { quoted } from '../text/printable.ts';
import { formatProblem, type Problem } from '../text/problem.ts';
import { expiryOf } from './allowlist.ts';
import type { Conflict, OverruledAction } from './conflicts.ts';
import type { Allowlist } from './schema/allowlist.ts';
import { boundSetting, describeBound, type Share } from './share.ts';

/** The condition Ready in the status of an allowlist. */
export type ReadyCondition = Readonly<{
  status: 'True' | 'False';
  reason: 'Accepted' | 'Conflict' | 'Expired' | 'Invalid' | 'OverBound';
  message: string;
}>;

/** An allowlist of the cluster, whether or not our schema accepts it. */
export type ClusterAllowlist = Readonly<{
  /** The allowlist that applies: the object itself, or its deny-only fallback if it is invalid. */
  allowlist: Allowlist;
  /** The problems that its status reports; empty if the schema accepts it. */
  problems: readonly Problem[];
  /** Whether it only denies because the allowlists before it by name take up their bound. */
  isOver: boolean;
}>;

/** The most problems that a status reports. */
export const MAX_STATUS_PROBLEMS = 5;

/**
 * Assesses an allowlist at a time in milliseconds since the epoch; `conflict` is that of its default role, `overruled` that of its
 * action, and `share` has the bound that it counts in.
 */
export function assessReadyCondition(
  { allowlist, problems, isOver }: ClusterAllowlist,
  isProtectedRole: (role: string) => boolean,
  conflict: Conflict | undefined,
  overruled: OverruledAction | undefined,
  share: Share,
  now: number,
): ReadyCondition {
  if (isOver) {
    return {
      status: 'False',
      reason: 'OverBound',
      message: `allows nothing and denies in the namespaces it selects: ${describeBound(share)}; delete allowlists or entries, or raise ${boundSetting(share)}`,
    };
  }
  if (problems.length > 0) {
    const reported = problems.slice(0, MAX_STATUS_PROBLEMS).map(formatProblem).join('; ');
    return {
      status: 'False',
      reason: 'Invalid',
      message: `allows nothing and denies in the namespaces it selects: ${reported}`,
    };
  }

  const { defaultRole, expiresAt, violationAction } = allowlist.spec;
  const remark =
    overruled === undefined
      ? ''
      : `; violationAction ${violationAction} does not count in namespace ${overruled.namespace}: allowlist ${overruled.other} sets ${overruled.action}`;
  if (defaultRole !== undefined && isProtectedRole(defaultRole)) {
    return {
      status: 'False',
      reason: 'Invalid',
      message: `spec.defaultRole: expected a role that is not protected, found ${quoted(defaultRole)}; it is not injected, the rest of the allowlist applies`,
    };
  }
  if (expiryOf(allowlist.spec) <= now) {
    // Its author intended this end, so that nothing waits for the allowlist and nothing failed.
    return {
      status: 'True',
      reason: 'Expired',
      message: `allows nothing since ${expiresAt}; its violationAction still applies`,
    };
  }
  if (conflict !== undefined) {
    const { namespace, other, role, otherRole } = conflict;
    return {
      status: 'True',
      reason: 'Conflict',
      message: `conflicts with allowlist ${other}: both set a default for namespace ${namespace} (${role}, ${otherRole}); the first allowlist by name applies${remark}`,
    };
  }
  return {
    status: 'True',
    reason: 'Accepted',
    message: (expiresAt === undefined ? 'in force' : `in force until ${expiresAt}`) + remark,
  };
}
