import { type CompiledAllowlist, Rank } from './allowlist.ts';
import type { Labels } from './label-selector.ts';
import { MAX_NAMESPACE_LENGTH } from './names.ts';
import { strictest, type ViolationAction } from './violation-action.ts';

/** An allowlist that selects a namespace, and how specifically it does. */
export type RankedAllowlist = Readonly<{ allowlist: CompiledAllowlist; rank: Rank }>;

/** The allowlists that select a namespace, the most specific first, and the strictest of their actions. */
export type Selection = Readonly<{
  ranked: readonly RankedAllowlist[];
  /** Undefined if no allowlist selects the namespace. */
  action: ViolationAction | undefined;
}>;

/**
 * Finds the allowlists that select a namespace by its name or its labels; only by its name if its labels are unknown.
 */
export type SelectAllowlists = (namespace: string, labels: Labels | undefined) => Selection;

type Cached = Readonly<{ labels: Labels | undefined; selection: Selection }>;

const MAX_CACHED_NAMESPACES = 4096;

/**
 * Compiles the lookup from a namespace to the allowlists that select it. Exact names are in a Map. Globs and selectors are
 * matched once for each namespace and the selection is cached, so that the cost of a decision does not grow with the
 * allowlists that do not select its namespace. The cache is bounded and drops its oldest entry first.
 */
export function compileNamespaceIndex(allowlists: readonly CompiledAllowlist[]): SelectAllowlists {
  const exact = indexExactNamespaces(allowlists);
  const patterned = allowlists.filter(
    ({ spec, exactNamespaces }) => spec.namespaces?.length !== exactNamespaces.length,
  );
  const cached = new Map<string, Cached>();

  return (namespace, labels) => {
    const known = cached.get(namespace);
    if (known !== undefined && known.labels === labels) {
      return known.selection;
    }

    const selection = select(namespace, labels);
    // No namespace has a longer name. Longer values must not fill the memory.
    if (namespace.length <= MAX_NAMESPACE_LENGTH) {
      addToCache(namespace, { labels, selection });
    }
    return selection;
  };

  function addToCache(namespace: string, outcome: Cached): void {
    cached.delete(namespace);
    cached.set(namespace, outcome);
    const [oldest] = cached.keys();
    if (oldest !== undefined && cached.size > MAX_CACHED_NAMESPACES) {
      cached.delete(oldest);
    }
  }

  function select(namespace: string, labels: Labels | undefined): Selection {
    const ranks = new Map<CompiledAllowlist, Rank>();
    for (const allowlist of exact.get(namespace) ?? []) {
      ranks.set(allowlist, Rank.exact);
    }
    for (const allowlist of patterned) {
      const rank = ranks.has(allowlist) ? undefined : allowlist.rankByPattern(namespace, labels);
      if (rank !== undefined) {
        ranks.set(allowlist, rank);
      }
    }
    return toSelection([...ranks].map(([allowlist, rank]) => ({ allowlist, rank })));
  }
}

/** Combines the allowlists that select a namespace, given in any order. */
export function toSelection(selecting: readonly RankedAllowlist[]): Selection {
  const ranked = [...selecting].sort(bySpecificity);
  const [action, ...others] = ranked.map(({ allowlist }) => allowlist.spec.violationAction);
  return { ranked, action: action && strictest(action, others) };
}

function indexExactNamespaces(
  allowlists: readonly CompiledAllowlist[],
): ReadonlyMap<string, readonly CompiledAllowlist[]> {
  const index = new Map<string, CompiledAllowlist[]>();
  for (const allowlist of allowlists) {
    for (const namespace of allowlist.exactNamespaces) {
      const others = index.get(namespace);
      if (others === undefined) {
        index.set(namespace, [allowlist]);
      } else {
        others.push(allowlist);
      }
    }
  }
  return index;
}

/** Exact namespace before glob before selector, then with serviceAccounts before without, then by name. */
function bySpecificity(a: RankedAllowlist, b: RankedAllowlist): number {
  return (
    a.rank - b.rank ||
    byServiceAccounts(a) - byServiceAccounts(b) ||
    (a.allowlist.name < b.allowlist.name ? -1 : 1)
  );
}

/** Whether two allowlists that select a namespace are ordered only by their names. */
export function areEquallySpecific(a: RankedAllowlist, b: RankedAllowlist): boolean {
  return a.rank === b.rank && byServiceAccounts(a) === byServiceAccounts(b);
}

function byServiceAccounts({ allowlist }: RankedAllowlist): number {
  return allowlist.spec.serviceAccounts === undefined ? 1 : 0;
}
