import { type CompiledAllowlist, Rank, rankOf } from './allowlist.ts';
import type { Labels } from './label-selector.ts';
import { MAX_NAMESPACE_LENGTH, MAX_OBJECT_NAME_LENGTH } from './names.ts';
import { createPatternIndex } from './pattern-index.ts';
import { type RankedAllowlist, type Selection, toSelection } from './selection.ts';

/**
 * Finds the allowlists that select a namespace by its name or its labels; only by its name if its labels are unknown.
 */
export type SelectAllowlists = (namespace: string, labels: Labels | undefined) => Selection;

/** The lookup from a namespace to the allowlists that select it. */
export type NamespaceIndex = Readonly<{
  select: SelectAllowlists;
  /** Whether an allowlist names this namespace exactly. */
  isNamed: (namespace: string) => boolean;
  /** Replaces an allowlist by its changed form, at the cost of this allowlist alone. */
  replace: (before: CompiledAllowlist | undefined, after: CompiledAllowlist | undefined) => void;
}>;

type Cached = { labels: Labels | undefined; selection: Selection; version: number; weight: number };

const MAX_CACHED_NAMESPACES = 4_096;
/** The most allowlists and roles of all cached selections: tens of thousands may select each of the namespaces. */
const MAX_CACHED_WEIGHT = 200_000;

/** A small selection is found again after so many changes, a larger one after more, in proportion to its weight. */
const MIN_UPDATES = 8;
const WEIGHT_OF_UPDATE = 64;

/**
 * Creates the index of namespaces. The selection of a namespace is cached, so that the cost of a decision does not grow
 * with the allowlists that do not select its namespace. The cache is bounded and drops its oldest entry first. A change
 * does not touch it: the next lookup brings the selection up to date.
 */
export function createNamespaceIndex(): NamespaceIndex {
  const byNamespace = createPatternIndex<CompiledAllowlist>();
  const withSelector = new Set<CompiledAllowlist>();
  const log = createChangeLog();
  const cached = new Map<string, Cached>();
  let cachedWeight = 0;

  function select(namespace: string, labels: Labels | undefined): Selection {
    const known = cached.get(namespace);
    if (known !== undefined && known.labels === labels) {
      if (known.version === log.version()) {
        return known.selection;
      }
      const changes = log.since(known.version, MIN_UPDATES + known.weight / WEIGHT_OF_UPDATE);
      if (changes !== undefined) {
        update(known, namespace, changes);
        return known.selection;
      }
    }
    const selection = toSelection(find(namespace, labels));
    // No namespace has a longer name. Longer values must not fill the memory.
    if (namespace.length <= MAX_NAMESPACE_LENGTH) {
      addToCache(namespace, labels, selection);
    }
    return selection;
  }

  function update(known: Cached, namespace: string, changes: readonly AllowlistChange[]): void {
    const ranked = (allowlist: CompiledAllowlist | undefined): RankedAllowlist | undefined => {
      const rank = allowlist && rankOf(allowlist, namespace, known.labels);
      return allowlist && rank !== undefined ? { allowlist, rank } : undefined;
    };
    for (const { before, after } of changes) {
      const [removed, added] = [ranked(before), ranked(after)];
      if (removed !== undefined || added !== undefined) {
        known.selection.replace(removed, added);
      }
    }
    known.version = log.version();
    cachedWeight += known.selection.weight - known.weight;
    known.weight = known.selection.weight;
  }

  function addToCache(namespace: string, labels: Labels | undefined, selection: Selection): void {
    cachedWeight += selection.weight - (cached.get(namespace)?.weight ?? 0);
    cached.delete(namespace);
    cached.set(namespace, { labels, selection, version: log.version(), weight: selection.weight });
    for (const [oldest, { weight }] of cached) {
      if (cached.size === 1 || (cached.size <= MAX_CACHED_NAMESPACES && cachedWeight <= MAX_CACHED_WEIGHT)) {
        break;
      }
      cached.delete(oldest);
      cachedWeight -= weight;
    }
  }

  function find(namespace: string, labels: Labels | undefined): readonly RankedAllowlist[] {
    const ranks = new Map<CompiledAllowlist, Rank>();
    byNamespace.visitExact(namespace, (allowlist) => ranks.set(allowlist, Rank.exact));
    byNamespace.visitGlobs(namespace, (allowlist) => {
      const isName = namespace.length <= MAX_OBJECT_NAME_LENGTH;
      if (!ranks.has(allowlist) && (isName || rankOf(allowlist, namespace, undefined) !== undefined)) {
        ranks.set(allowlist, Rank.glob);
      }
    });
    for (const allowlist of withSelector) {
      if (!ranks.has(allowlist) && rankOf(allowlist, namespace, labels) === Rank.selector) {
        ranks.set(allowlist, Rank.selector);
      }
    }
    return [...ranks].map(([allowlist, rank]) => ({ allowlist, rank }));
  }

  return {
    select,
    isNamed: byNamespace.hasExact,
    replace: (before, after) => {
      if (before !== undefined) {
        withSelector.delete(before);
        for (const namespace of before.spec.namespaces ?? []) {
          byNamespace.remove(namespace, before);
        }
      }
      if (after !== undefined) {
        if (after.spec.namespaceSelector !== undefined) {
          withSelector.add(after);
        }
        for (const namespace of after.spec.namespaces ?? []) {
          byNamespace.add(namespace, after);
        }
      }
      log.add({ before, after });
    },
  };
}

/** A change of one allowlist; undefined is its form before it was created, or after it was deleted. */
type AllowlistChange = Readonly<{
  before: CompiledAllowlist | undefined;
  after: CompiledAllowlist | undefined;
}>;

/** The latest changes, by which a cached selection is brought up to date. */
type ChangeLog = Readonly<{
  /** The number of all changes so far. */
  version: () => number;
  add: (change: AllowlistChange) => void;
  /** Returns the changes after a version, or undefined if they are more than `max` or no longer known. */
  since: (version: number, max: number) => readonly AllowlistChange[] | undefined;
}>;

/** The log keeps replaced allowlists in memory, so both their number and their size are bounded. */
const MAX_CHANGES = 1_024;
const MAX_PATTERNS = 16_384;

function createChangeLog(): ChangeLog {
  let changes: AllowlistChange[] = [];
  let patterns = 0;
  let version = 0;

  return {
    version: () => version,
    add: (change) => {
      version += 1;
      patterns += countPatterns(change.before) + countPatterns(change.after);
      changes.push(change);
      // Begins again at a time, because dropping the oldest of many would move all others each time.
      if (changes.length > MAX_CHANGES || patterns > MAX_PATTERNS) {
        changes = [];
        patterns = 0;
      }
    },
    since: (before, max) => {
      const count = version - before;
      return count <= Math.min(max, changes.length) ? changes.slice(changes.length - count) : undefined;
    },
  };
}

function countPatterns(allowlist: CompiledAllowlist | undefined): number {
  const { namespaces = [], roles, serviceAccounts = [] } = allowlist?.spec ?? { roles: [] };
  return namespaces.length + roles.length + serviceAccounts.length;
}
