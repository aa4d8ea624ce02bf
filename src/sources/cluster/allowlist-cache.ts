import type { Collection } from '../../kubernetes/list-watch.ts';
import { ALLOWLISTS_PATH } from '../../kubernetes/object.ts';
import { startReflector, type WatchOptions } from '../../kubernetes/reflector.ts';
import type { BoundSettings } from '../../policy/share.ts';
import type { SourceChanges } from '../source.ts';
import { type BoundedAllowlists, createBoundedAllowlists } from './bounded-allowlists.ts';

const ALLOWLISTS: Collection = { path: ALLOWLISTS_PATH };

/** The least time between two lists that only the bounds ask for. */
const LIST_INTERVAL_MS = 30_000;

/** After a change, others may follow that were written together with it. */
const NEWS_MS = 2_000;

/** The cluster's allowlists, kept up to date. */
export type AllowlistCache = Pick<
  BoundedAllowlists,
  'allowlists' | 'ledgers' | 'ledgerOf' | 'findExceededBound' | 'all'
> &
  Readonly<{
    /** Resolves when the first list is complete. */
    synced: Promise<void>;
    /** Whether an allowlist was created, changed or deleted in the last two seconds, and after the first list. */
    hasNews: () => boolean;
    isAway: () => boolean;
    close: () => void;
  }>;

/** Receives changes, once the first list is complete. */
export type AllowlistListener = Readonly<{
  /** Allowlists have changed; not called for a change of only the status. */
  onChanges: (changes: SourceChanges) => void;
  /** Somebody removed the condition from the status of an allowlist. */
  onStatusLost: () => void;
}>;

/**
 * Follows the allowlists of the cluster. A created or changed allowlist counts with its event, and a deleted one a moment
 * later, so that one that is deleted and created again is never missing.
 */
export function createAllowlistCache(
  watchOptions: WatchOptions,
  bounds: BoundSettings,
  { onChanges, onStatusLost }: AllowlistListener,
): AllowlistCache {
  const bounded = createBoundedAllowlists(bounds);
  const { allowlists } = bounded;
  const deletions = createHeldDeletions((name) => report(bounded.delete(name)));
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>();
  let hasSynced = false;
  let listedAt = 0;
  let changedAt = Number.NEGATIVE_INFINITY;
  let listTimer: NodeJS.Timeout | undefined;
  /** Those that the present list has not had yet. */
  let unlisted = new Set<string>();

  function report(changes: SourceChanges): void {
    if (hasSynced && changes.changed.length + changes.removed.length > 0) {
      changedAt = performance.now();
      onChanges(changes);
    }
    if (hasSynced && bounded.needsList()) {
      const waitMs = Math.max(0, listedAt + LIST_INTERVAL_MS - performance.now());
      listTimer ??= setTimeout(reflector.list, waitMs).unref();
    }
  }

  const reflector = startReflector({
    ...watchOptions,
    collection: ALLOWLISTS,
    onListing: () => {
      clearTimeout(listTimer);
      listTimer = undefined;
      unlisted = new Set(allowlists.keys());
      bounded.beginList();
    },
    onObject: (object) => {
      deletions.completeDue();
      deletions.cancel(object.name);
      unlisted.delete(object.name);
      const hadCondition = allowlists.get(object.name)?.condition !== undefined;
      const changes = bounded.set(object);
      report(changes);
      const cached = allowlists.get(object.name);
      if (hadCondition && cached?.condition === undefined && changes.changed.length === 0) {
        onStatusLost();
      }
    },
    onDeleted: (name) => {
      deletions.completeDue();
      deletions.hold(name);
    },
    onListed: () => {
      for (const name of unlisted) {
        deletions.hold(name);
      }
      report(bounded.endList());
      listedAt = performance.now();
      hasSynced = true;
      resolveSynced();
    },
  });

  return {
    ...bounded,
    synced,
    hasNews: () => performance.now() - changedAt < NEWS_MS,
    isAway: reflector.isAway,
    close: () => {
      clearTimeout(listTimer);
      deletions.close();
      reflector.close();
    },
  };
}

/**
 * A deletion counts after this time. A list that is deleted and created again, as `kubectl replace --force` does, then
 * counts as changed.
 */
const HOLD_MS = 50;

/** Deletions that do not count yet. */
export type HeldDeletions = Readonly<{
  hold: (name: string) => void;
  /** The object was created again. */
  cancel: (name: string) => void;
  /** Completes the deletions whose time is over, in case the timer is late. */
  completeDue: () => void;
  close: () => void;
}>;

/** @param complete called when a deletion counts */
export function createHeldDeletions(complete: (name: string) => void): HeldDeletions {
  /** When each is due; the first to be due is the first. */
  const held = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function completeDue(): void {
    for (const [name, dueAt] of held) {
      if (dueAt > performance.now()) {
        return;
      }
      held.delete(name);
      complete(name);
    }
  }

  function wait(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      completeDue();
      if (held.size > 0) {
        wait();
      }
    }, HOLD_MS / 2);
  }

  return {
    hold: (name) => {
      if (!held.has(name)) {
        held.set(name, performance.now() + HOLD_MS);
        wait();
      }
    },
    cancel: (name) => held.delete(name),
    completeDue,
    close: () => clearTimeout(timer),
  };
}
