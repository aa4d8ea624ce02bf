import { isStale, type StatusEntry } from '../../kubernetes/ready-condition.ts';
import type { StatusAssessment } from '../../kubernetes/status-writer.ts';
import { expiryOf } from '../../policy/allowlist.ts';
import { findConflicts } from '../../policy/conflicts.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { assessReadyCondition } from '../../policy/ready-condition.ts';
import type { TimeSliced } from '../time-slice.ts';
import type { AllowlistCache } from './allowlist-cache.ts';

/** The statuses of all allowlists, and when the next of them changes because an allowlist expires. */
export type TimedAssessment = StatusAssessment & Readonly<{ nextExpiry: number }>;

/** Compares the status that every allowlist should have with the one that it has. The time is in milliseconds. */
export function* assessStatuses(
  { allowlists, ledgerOf }: Pick<AllowlistCache, 'allowlists' | 'ledgerOf'>,
  policy: Policy,
  namespaces: ReadonlyMap<string, Labels>,
  now: number,
): TimeSliced<TimedAssessment> {
  const conflicts = yield* findConflicts(policy, namespaces, now);
  const stale: StatusEntry[] = [];
  const uids = new Set<string>();
  let nextExpiry = Number.POSITIVE_INFINITY;
  for (const cached of allowlists.values()) {
    yield;
    const { uid, generation, condition, allowlist } = cached;
    const { name } = allowlist;
    const { share } = ledgerOf(name);
    const conflict = conflicts.get(name);
    const readiness = assessReadyCondition(cached, policy.isProtectedRole, conflict, share, now);
    const entry = { name, uid, generation, condition, readiness };
    uids.add(uid);
    if (isStale(entry)) {
      stale.push(entry);
    }
    const expiry = expiryOf(allowlist.spec);
    if (expiry > now) {
      nextExpiry = Math.min(nextExpiry, expiry);
    }
  }
  return { stale, uids, nextExpiry };
}
