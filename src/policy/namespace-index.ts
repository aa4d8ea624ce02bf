import { type CompiledAllowlist, Rank } from './allowlist.ts';
import type { Labels } from './label-selector.ts';
import { MAX_NAMESPACE_LENGTH } from './names.ts';
import { strictest, type ViolationAction } from './violation-action.ts';

/** A list that selects a namespace, and how closely it does. */
export type RankedAllowlist = Readonly<{ allowlist: CompiledAllowlist; rank: Rank }>;

/** The lists that select a namespace, the most specific first, and the strictest of their actions. */
export type Selection = Readonly<{
  ranked: readonly RankedAllowlist[];
  /** Undefined where no list selects the namespace. */
  action: ViolationAction | undefined;
}>;

/** Finds the lists that select a namespace, by its name or its labels alone; where its labels are unknown, by its name. */
export type SelectAllowlists = (namespace: string, labels: Labels | undefined) => Selection;

type Remembered = Readonly<{ labels: Labels | undefined; selection: Selection }>;

const MAX_REMEMBERED_NAMESPACES = 4096;

/**
 * Compiles the lookup from a namespace to the lists that select it. Exact names are a Map; globs and selectors
 * are tried once for each namespace and the outcome is remembered, so that the cost of a decision does not grow
 * with the lists that do not select its namespace. What is remembered is bounded, the oldest going first.
 */
export function compileNamespaceIndex(allowlists: readonly CompiledAllowlist[]): SelectAllowlists {
  const exact = indexExactNamespaces(allowlists);
  const patterned = allowlists.filter(
    ({ spec, exactNamespaces }) => spec.namespaces?.length !== exactNamespaces.length,
  );
  const remembered = new Map<string, Remembered>();

  return (namespace, labels) => {
    const known = remembered.get(namespace);
    if (known !== undefined && known.labels === labels) {
      return known.selection;
    }

    const selection = select(namespace, labels);
    // No namespace has a longer name: what claims to be one must not fill the memory.
    if (namespace.length <= MAX_NAMESPACE_LENGTH) {
      remember(namespace, { labels, selection });
    }
    return selection;
  };

  function remember(namespace: string, outcome: Remembered): void {
    remembered.delete(namespace);
    remembered.set(namespace, outcome);
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size > MAX_REMEMBERED_NAMESPACES) {
      remembered.delete(oldest);
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

/** What the lists that select a namespace, in any order, say of it together. */
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

/** Tells whether only their names order two lists that select a namespace. */
export function areEquallySpecific(a: RankedAllowlist, b: RankedAllowlist): boolean {
  return a.rank === b.rank && byServiceAccounts(a) === byServiceAccounts(b);
}

function byServiceAccounts({ allowlist }: RankedAllowlist): number {
  return allowlist.spec.serviceAccounts === undefined ? 1 : 0;
}
