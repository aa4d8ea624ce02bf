import type { Logger } from 'pino';
import { isStale, type StatusEntry } from '../../kubernetes/ready-condition.ts';
import type { RestartReason, WatchOptions } from '../../kubernetes/reflector.ts';
import type { StatusAssessment } from '../../kubernetes/status-writer.ts';
import { expiryOf } from '../../policy/allowlist.ts';
import { findConflicts, findOverruledAction } from '../../policy/conflicts.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { assessReadyCondition } from '../../policy/ready-condition.ts';
import { describeBound } from '../../policy/share.ts';
import type { ShareLedger } from '../../policy/share-ledger.ts';
import type { TimeSliced } from '../time-slice.ts';
import type { AllowlistCache } from './allowlist-cache.ts';
import type { DeletionListener } from './deletions.ts';
import type { WatchName, WatchObserver } from './source.ts';

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
    const overruled = yield* findOverruledAction(policy, name, namespaces);
    const { isProtectedRole } = policy;
    const readiness = assessReadyCondition(cached, isProtectedRole, conflict, overruled, share, now);
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

/** The longest wait of setTimeout; a longer one is split. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Fires when the next allowlist expires. */
export type ExpiryTimer = Readonly<{
  /** Sets the timer to a time in milliseconds since the epoch; infinite stops it. */
  set: (expiry: number) => void;
  close: () => void;
}>;

/** @param onExpiry called when the time last set has come */
export function createExpiryTimer(onExpiry: () => void): ExpiryTimer {
  let timer: NodeJS.Timeout | undefined;

  function wait(until: number): void {
    const waitMs = until - Date.now();
    timer = setTimeout(
      () => (waitMs > MAX_WAIT_MS ? wait(until) : onExpiry()),
      Math.min(Math.max(0, waitMs), MAX_WAIT_MS),
    ).unref();
  }

  return {
    set: (expiry) => {
      clearTimeout(timer);
      if (Number.isFinite(expiry)) {
        wait(expiry);
      }
    },
    close: () => clearTimeout(timer),
  };
}

/** The most names that a log line shows. */
const MAX_NAMES = 10;

/** Logs which bounds are exceeded, when it is called and that has changed. */
export function createBoundReport(ledgers: readonly ShareLedger[], logger: Logger): () => void {
  const reported = new Map<ShareLedger, string>();
  return () => {
    for (const ledger of ledgers) {
      const [over, isFull] = [ledger.over(), ledger.isFull()];
      const state = `${over.size > 0} ${isFull}`;
      if (state === (reported.get(ledger) ?? 'false false')) {
        continue;
      }
      reported.set(ledger, state);
      const { listNamePrefix, maxEntries } = ledger.share;
      const fields = { listNamePrefix, maxEntries, entries: ledger.entries() };
      if (over.size === 0 && !isFull) {
        logger.info(fields, 'allowlists within their bound again');
      } else {
        const allowlists = [...over].slice(0, MAX_NAMES);
        logger.error(
          { ...fields, over: over.size, isFull, allowlists },
          `allowlists over their bound only deny: ${describeBound(ledger.share)}`,
        );
      }
    }
  };
}

/** Reports the allowlists that are held because their CustomResourceDefinition was deleted. */
export type HeldReport = Readonly<{
  report: DeletionListener['onHeld'];
  /** Notes for an operator; empty if none are held. */
  notes: () => readonly string[];
}>;

export function createHeldReport(recordHeld: (count: number) => void, logger: Logger): HeldReport {
  let held = 0;
  return {
    report: (change, names) => {
      held += change === 'held' ? names.length : -names.length;
      recordHeld(held);
      const fields = { allowlists: names.slice(0, MAX_NAMES), count: names.length, held };
      if (change === 'held') {
        logger.error(fields, 'allowlists held in force: their CustomResourceDefinition was deleted');
      } else if (change === 'discarded') {
        logger.warn(fields, 'held allowlists discarded');
      } else if (held === 0) {
        logger.info(fields, 'held allowlists restored');
      }
    },
    notes: () =>
      held === 0
        ? []
        : [
            `allowlists held in force because their CustomResourceDefinition was deleted: ${held}; restore it and them, and do not restart a replica before`,
          ],
  };
}

/** Reports on the watches of the API server. */
export type WatchReport = Readonly<{
  /** The listeners of one watch. */
  follow: (watch: WatchName) => Pick<WatchOptions, 'onHeartbeat' | 'onRestart'>;
  /** A note for each watch that fails. */
  notes: () => readonly string[];
}>;

/** Counts and logs the restarts of each watch, and remembers why it has no answer. */
export function createWatchReport(observer: WatchObserver, logger: Logger): WatchReport {
  const problems = new Map<WatchName, Readonly<{ reason: RestartReason; since: number }>>();
  return {
    follow: (watch) => ({
      onHeartbeat: () => {
        problems.delete(watch);
        observer.recordContact(watch);
      },
      onRestart: (reason, problem) => {
        const { since } = problems.get(watch) ?? { since: performance.now() };
        problems.set(watch, { reason, since });
        observer.countRestart(watch, reason);
        logger.warn({ watch, reason, problem }, 'watch restarted');
      },
    }),
    notes: () =>
      [...problems].map(([watch, { reason, since }]) => {
        const seconds = Math.round((performance.now() - since) / 1000);
        return `the watch of ${watch} has failed for ${seconds} s (${reason}): decisions use the last known ${watch}; see the log`;
      }),
  };
}
