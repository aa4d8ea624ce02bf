import { MAX_LISTED } from '../text/printable.ts';
import { firstSorted, positionOf } from '../text/sorted.ts';
import { allowsRole, type CompiledAllowlist, type Rank } from './allowlist.ts';
import { createPatternIndex, type PatternIndex } from './pattern-index.ts';
import { VIOLATION_ACTIONS, type ViolationAction } from './violation-action.ts';

/** An allowlist that selects a namespace, and how specifically it does. */
export type RankedAllowlist = Readonly<{ allowlist: CompiledAllowlist; rank: Rank }>;

/** What messages show of all allowlists of a selection. */
export type SelectionSummary = Readonly<{
  /** The first names, sorted. */
  names: readonly string[];
  /** The first contacts, sorted. */
  contacts: readonly string[];
  actions: ReadonlySet<ViolationAction>;
}>;

/** The allowlists that select a namespace. A change of an allowlist updates it, so no decision keeps it. */
export type Selection = Readonly<{
  /** The most specific first. */
  ranked: readonly RankedAllowlist[];
  /** The strictest of their actions; undefined if no allowlist selects the namespace. */
  action: ViolationAction | undefined;
  summary: SelectionSummary;
  /** The number of its allowlists and of their roles. */
  weight: number;
  /** Returns those that allow a role to some pod, the most specific first. */
  findAllowing: (role: string) => readonly CompiledAllowlist[];
  /** Replaces an allowlist by its changed form. Undefined stands for a form that does not select the namespace. */
  replace: (before: RankedAllowlist | undefined, after: RankedAllowlist | undefined) => void;
}>;

/** The most contacts that are shown. */
const MAX_CONTACTS = 3;

/** So many roles are compared one by one. More are indexed, but only for a namespace that is asked about again. */
const MAX_COMPARED_ROLES = 64;
const MAX_COMPARISONS = 2;

/** Combines the allowlists that select a namespace, given in any order. */
export function toSelection(selecting: readonly RankedAllowlist[]): Selection {
  const ranked = [...selecting].sort(bySpecificity);
  let roles = ranked.reduce((sum, { allowlist }) => sum + allowlist.roles.length, 0);
  let summary: SelectionSummary | undefined;
  let byRole: PatternIndex<RankedAllowlist> | undefined;
  let comparisons = 0;

  function summaryNow(): SelectionSummary {
    summary ??= summarize(ranked);
    return summary;
  }

  function findAllowing(role: string): readonly CompiledAllowlist[] {
    if (byRole === undefined && (roles <= MAX_COMPARED_ROLES || comparisons < MAX_COMPARISONS)) {
      comparisons += 1;
      return ranked.flatMap(({ allowlist }) => (allowsRole(allowlist, role) ? [allowlist] : []));
    }
    byRole ??= indexRoles(ranked);
    return findIndexed(byRole, ranked, role);
  }

  function remove(allowlist: RankedAllowlist): void {
    for (const removed of ranked.splice(positionIn(ranked, allowlist), 1)) {
      for (const role of removed.allowlist.roles) {
        roles -= 1;
        byRole?.remove(role, removed);
      }
    }
  }

  function add(allowlist: RankedAllowlist): void {
    ranked.splice(positionIn(ranked, allowlist), 0, allowlist);
    for (const role of allowlist.allowlist.roles) {
      roles += 1;
      byRole?.add(role, allowlist);
    }
  }

  return {
    ranked,
    get action() {
      return VIOLATION_ACTIONS.find((action) => summaryNow().actions.has(action));
    },
    get summary() {
      return summaryNow();
    },
    get weight() {
      return ranked.length + roles;
    },
    findAllowing,
    replace: (before, after) => {
      summary = undefined;
      if (before !== undefined) {
        remove(before);
      }
      if (after !== undefined) {
        add(after);
      }
    },
  };
}

function summarize(ranked: readonly RankedAllowlist[]): SelectionSummary {
  const contacts = ranked.flatMap(({ allowlist: { spec } }) => (spec.contact ? [spec.contact] : []));
  return {
    names: firstSorted(
      ranked.map(({ allowlist }) => allowlist.name),
      MAX_LISTED,
    ),
    contacts: firstSorted(contacts, MAX_CONTACTS),
    actions: new Set(ranked.map(({ allowlist }) => allowlist.spec.violationAction)),
  };
}

function indexRoles(ranked: readonly RankedAllowlist[]): PatternIndex<RankedAllowlist> {
  const index = createPatternIndex<RankedAllowlist>();
  for (const entry of ranked) {
    for (const role of entry.allowlist.roles) {
      index.add(role, entry);
    }
  }
  return index;
}

function findIndexed(
  index: PatternIndex<RankedAllowlist>,
  ranked: readonly RankedAllowlist[],
  role: string,
): readonly CompiledAllowlist[] {
  const found = new Set<RankedAllowlist>();
  const add = (entry: RankedAllowlist) => found.add(entry);
  index.visitExact(role, add);
  index.visitGlobs(role, add);
  // Few are sorted faster than all are walked through.
  const isFew = found.size * Math.log2(found.size + 1) < ranked.length;
  const ordered = isFew ? [...found].sort(bySpecificity) : ranked.filter((entry) => found.has(entry));
  return ordered.map(({ allowlist }) => allowlist);
}

function positionIn(ranked: readonly RankedAllowlist[], allowlist: RankedAllowlist): number {
  return positionOf(ranked, (other) => bySpecificity(other, allowlist) < 0);
}

/** Exact namespace before glob before selector, then with serviceAccounts before without, then by name. */
function bySpecificity(a: RankedAllowlist, b: RankedAllowlist): number {
  return a.rank - b.rank || byServiceAccounts(a) - byServiceAccounts(b) || byName(a, b);
}

function byName({ allowlist: a }: RankedAllowlist, { allowlist: b }: RankedAllowlist): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

/** Whether two allowlists that select a namespace are ordered only by their names. */
export function areEquallySpecific(a: RankedAllowlist, b: RankedAllowlist): boolean {
  return a.rank === b.rank && byServiceAccounts(a) === byServiceAccounts(b);
}

function byServiceAccounts({ allowlist }: RankedAllowlist): number {
  return allowlist.spec.serviceAccounts === undefined ? 1 : 0;
}
