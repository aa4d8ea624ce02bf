import type { Collection } from '../../kubernetes/list-watch.ts';
import { ALLOWLISTS_PATH } from '../../kubernetes/object.ts';
import { startReflector, type WatchOptions } from '../../kubernetes/reflector.ts';
import type { BoundSettings } from '../../policy/share.ts';
import type { SourceChanges } from '../source.ts';
import { type BoundedAllowlists, createBoundedAllowlists } from './bounded-allowlists.ts';
import type { CrdCheck } from './crd-check.ts';
import { createDeletions, type DeletionListener } from './deletions.ts';

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
}> &
  Pick<DeletionListener, 'onHeld'>;

/**
 * Follows the allowlists of the cluster. A created or changed allowlist counts with its event, and a deleted one a moment
 * later, so that one that is deleted and created again is never missing.
 */
export function createAllowlistCache(
  watchOptions: WatchOptions,
  bounds: BoundSettings,
  readCrd: CrdCheck['read'],
  { onChanges, onStatusLost, onHeld }: AllowlistListener,
): AllowlistCache {
  const bounded = createBoundedAllowlists(bounds);
  const { allowlists } = bounded;
  const deletions = createDeletions(readCrd, {
    onDeleted: (name) => {
      const cached = allowlists.get(name);
      report(bounded.delete(name));
      return () => cached && report(bounded.restore(cached));
    },
    onHeld,
  });
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
    onDeleted: deletions.add,
    onListed: () => {
      for (const name of unlisted) {
        deletions.add(name);
      }
      deletions.endList();
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
