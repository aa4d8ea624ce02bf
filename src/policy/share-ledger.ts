import { positionOf } from '../text/sorted.ts';
import type { AllowlistSize, ExceededBound, Share } from './share.ts';

/** Why an allowlist does not apply as it is written, if it does not. */
export type Place =
  /** It applies as it is written. */
  | 'in-force'
  /** It only denies in its namespaces. */
  | 'over'
  /** It is not known, and the whole share denies in its place. */
  | 'left-out';

/** The allowlists of a share, and those of them that are over the bound. */
export type ShareLedger = Readonly<{
  share: Share;
  entries: () => number;
  placeOf: (name: string) => Place;
  /** Adds or changes an allowlist. Returns the names of all allowlists whose place is another one now. */
  set: (name: string, size: AllowlistSize) => readonly string[];
  /** The bound, if an allowlist of this size would exceed it and is larger than the one it replaces. */
  findExceeded: (name: string, size: AllowlistSize) => ExceededBound | undefined;
  /** Removes an allowlist. Returns the same. */
  delete: (name: string) => readonly string[];
  over: () => ReadonlySet<string>;
  /** Whether allowlists were left out since the last list began, or before it while it is not complete. */
  isFull: () => boolean;
  /** All allowlists are about to be set again. */
  beginList: () => void;
  endList: () => void;
}>;

const NOTHING: AllowlistSize = { entries: 0, deniedEntries: 0 };

/** The allowlists that are over may take a quarter of the share in addition, for their namespaces. */
const DENIED_PART = 4;

/**
 * Creates the ledger of a share. The allowlists count in the order of their names: from the one on that exceeds the bound,
 * all are over. So the places depend on the allowlists alone, and are the same on every replica. Nothing is sorted until
 * the bound is exceeded.
 */
export function createShareLedger(share: Share): ShareLedger {
  const sizes = new Map<string, AllowlistSize>();
  let entries = 0;
  let over: ReadonlySet<string> = new Set();
  let order: string[] | undefined;
  /** The first name that is left out; all names after it are left out too. */
  let firstLeftOut: string | undefined;
  let wasFull = false;

  return {
    share,
    entries: () => entries,
    over: () => over,
    isFull: () => wasFull || firstLeftOut !== undefined,
    placeOf: (name) => {
      if (over.has(name)) {
        return 'over';
      }
      return sizes.has(name) ? 'in-force' : 'left-out';
    },
    set: (name, size) => {
      if (firstLeftOut !== undefined && name >= firstLeftOut) {
        return [];
      }
      if (!sizes.has(name)) {
        order?.splice(positionIn(order, name), 0, name);
      }
      entries += size.entries - countedFor(name).entries;
      sizes.set(name, size);
      return settle();
    },
    findExceeded: (name, size) => {
      const known = countedFor(name).entries;
      const total = entries - known + size.entries;
      const { listNamePrefix, maxEntries } = share;
      return size.entries > known && total > maxEntries
        ? { listNamePrefix, maxEntries, entries: total }
        : undefined;
    },
    delete: (name) => {
      if (!sizes.has(name)) {
        return [];
      }
      remove(name);
      order?.splice(positionIn(order, name), 1);
      return settle();
    },
    beginList: () => {
      wasFull ||= firstLeftOut !== undefined;
      firstLeftOut = undefined;
    },
    endList: () => {
      wasFull = false;
    },
  };

  function settle(): readonly string[] {
    const before = over;
    const leftOut: string[] = [];
    if (entries <= share.maxEntries) {
      order = undefined;
      over = before.size === 0 ? before : new Set();
    } else {
      order ??= [...sizes.keys()].sort();
      over = findOver(order, leftOut);
    }
    return [...new Set([...before.symmetricDifference(over), ...leftOut])];
  }

  function findOver(order: string[], leftOut: string[]): ReadonlySet<string> {
    const found = new Set<string>();
    let total = 0;
    let denied = 0;
    for (const [index, name] of order.entries()) {
      const size = countedFor(name);
      total += size.entries;
      if (total <= share.maxEntries) {
        continue;
      }
      denied += size.deniedEntries;
      if (denied > share.maxEntries / DENIED_PART) {
        firstLeftOut = name;
        leftOut.push(...order.splice(index));
        break;
      }
      found.add(name);
    }
    leftOut.forEach(remove);
    return found;
  }

  function remove(name: string): void {
    entries -= countedFor(name).entries;
    sizes.delete(name);
  }

  function countedFor(name: string): AllowlistSize {
    return sizes.get(name) ?? NOTHING;
  }
}

function positionIn(order: readonly string[], name: string): number {
  return positionOf(order, (other) => other < name);
}
