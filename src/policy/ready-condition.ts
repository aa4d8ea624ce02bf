import { quoted } from '../text/printable.ts';
import { formatProblem, type Problem } from '../text/problem.ts';
import { expiryOf } from './allowlist.ts';
import type { Conflict } from './conflicts.ts';
import type { Allowlist } from './schema/allowlist.ts';

/** The condition Ready in the status of an allowlist. */
export type ReadyCondition = Readonly<{
  status: 'True' | 'False';
  reason: 'Accepted' | 'Conflict' | 'Expired' | 'Invalid';
  message: string;
}>;

/** An allowlist of the cluster, whether or not our schema accepts it. */
export type ClusterAllowlist = Readonly<{
  /** The allowlist that applies: the object itself, or its deny-only fallback if it is invalid. */
  allowlist: Allowlist;
  /** The problems that its status reports; empty if the schema accepts it. */
  problems: readonly Problem[];
}>;

/** The most problems that a status reports. */
export const MAX_STATUS_PROBLEMS = 5;

/** Assesses an allowlist at a time in milliseconds since the epoch; `conflict` is that of its default role. */
export function assessReadyCondition(
  { allowlist, problems }: ClusterAllowlist,
  isProtectedRole: (role: string) => boolean,
  conflict: Conflict | undefined,
  now: number,
): ReadyCondition {
  if (problems.length > 0) {
    const reported = problems.slice(0, MAX_STATUS_PROBLEMS).map(formatProblem).join('; ');
    return {
      status: 'False',
      reason: 'Invalid',
      message: `allows nothing and denies in the namespaces it selects: ${reported}`,
    };
  }

  const { defaultRole, expiresAt } = allowlist.spec;
  if (defaultRole !== undefined && isProtectedRole(defaultRole)) {
    return {
      status: 'False',
      reason: 'Invalid',
      message: `spec.defaultRole: expected a role that is not protected, found ${quoted(defaultRole)}; it is not injected, the rest of the allowlist applies`,
    };
  }
  if (expiryOf(allowlist.spec) <= now) {
    return {
      status: 'False',
      reason: 'Expired',
      message: `allows nothing since ${expiresAt}; its violationAction still applies`,
    };
  }
  if (conflict !== undefined) {
    const { namespace, other, role, otherRole } = conflict;
    return {
      status: 'True',
      reason: 'Conflict',
      message: `conflicts with allowlist ${other}: both set a default for namespace ${namespace} (${role}, ${otherRole}); the first allowlist by name applies`,
    };
  }
  return {
    status: 'True',
    reason: 'Accepted',
    message: expiresAt === undefined ? 'in force' : `in force until ${expiresAt}`,
  };
}
