import type { AllowlistSize } from './allowlist-size.ts';

/** A part of the bound of all allowlists: that of the allowlists of one delegation, or of those of none. */
export type Share = Readonly<{
  /** The names of its allowlists begin with this; empty for the allowlists of no delegation. */
  listNamePrefix: string;
  maxEntries: number;
  /** The namespaces that its allowlists may select, exact or with a star at the end. */
  namespaces: readonly string[];
}>;

/** The teams that may write allowlists, and how large those may be in all. */
export type BoundSettings = Readonly<{
  /** The most entries of all allowlists. */
  maxEntries: number;
  delegations: readonly Delegation[];
}>;

/** A prefix of names of allowlists that a team may write. */
export type Delegation = Readonly<{
  listNamePrefix: string;
  /** The most entries of its allowlists; undefined for the default. */
  maxEntries: number | undefined;
  namespaces: readonly string[];
}>;

/** The share of each prefix, the longest first, and that of all other allowlists. */
export type Shares = Readonly<{ delegated: readonly Share[]; rest: Share }>;

/** By default a delegation has this part of the bound; less if there are so many that nothing would remain. */
const DEFAULT_PART = 10;

/**
 * Divides the bound: a share for each prefix, and the rest for all other allowlists. The shares
 * together are the bound, so that no team can use up the share of another.
 */
export function divideShares({ maxEntries, delegations }: BoundSettings): Shares {
  const byPrefix = Map.groupBy(delegations, ({ listNamePrefix }) => listNamePrefix);
  const part = Math.floor(maxEntries / Math.max(DEFAULT_PART, byPrefix.size + 1));
  const shares = [...byPrefix].map(([listNamePrefix, ofPrefix]) => ({
    listNamePrefix,
    maxEntries: Math.max(...ofPrefix.map(({ maxEntries = part }) => maxEntries)),
    // An allowlist of this name is also one of each delegation whose prefix is shorter.
    namespaces: delegations
      .filter((delegation) => listNamePrefix.startsWith(delegation.listNamePrefix))
      .flatMap(({ namespaces }) => namespaces),
  }));
  const rest = shares.reduce((sum, share) => sum - share.maxEntries, maxEntries);
  return {
    delegated: shares.sort((a, b) => b.listNamePrefix.length - a.listNamePrefix.length),
    rest: { listNamePrefix: '', maxEntries: Math.max(0, rest), namespaces: ['*'] },
  };
}

/** Describes the bound of a share, as the fact that the allowlists exceed it. */
export function describeBound({
  listNamePrefix,
  maxEntries,
}: Pick<Share, 'listNamePrefix' | 'maxEntries'>): string {
  return listNamePrefix === ''
    ? `the allowlists have more than ${maxEntries} entries`
    : `the allowlists named "${listNamePrefix}*" have more than ${maxEntries} entries`;
}

/** The chart's value that sets the bound of a share. */
export function boundSetting({ listNamePrefix }: Pick<Share, 'listNamePrefix'>): string {
  return listNamePrefix === '' ? 'maxAllowlistEntries' : "the delegation's maxEntries";
}

/** The bound that an allowlist would exceed, in entries, and what would be counted with it. */
export type ExceededBound = Readonly<{ listNamePrefix: string; maxEntries: number; entries: number }>;

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
      const known = sizes.get(name);
      entries += size.entries - (known?.entries ?? 0);
      sizes.set(name, size);
      if (known === undefined && order !== undefined) {
        order.splice(positionOf(order, name), 0, name);
      }
      return settle();
    },
    findExceeded: (name, size) => {
      const known = sizes.get(name)?.entries ?? 0;
      const total = entries - known + size.entries;
      const { listNamePrefix, maxEntries } = share;
      return size.entries > known && total > maxEntries
        ? { listNamePrefix, maxEntries, entries: total }
        : undefined;
    },
    delete: (name) => {
      const known = sizes.get(name);
      if (known === undefined) {
        return [];
      }
      entries -= known.entries;
      sizes.delete(name);
      order?.splice(positionOf(order, name), 1);
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
      const size = sizes.get(name);
      total += size?.entries ?? 0;
      if (total <= share.maxEntries) {
        continue;
      }
      denied += size?.deniedEntries ?? 0;
      if (denied > share.maxEntries / DENIED_PART) {
        firstLeftOut = name;
        leftOut.push(...order.splice(index));
        break;
      }
      found.add(name);
    }
    for (const name of leftOut) {
      entries -= sizes.get(name)?.entries ?? 0;
      sizes.delete(name);
    }
    return found;
  }
}

/** The position of a name among sorted names, or where to insert it. */
function positionOf(order: readonly string[], name: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((order[middle] ?? '') < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
