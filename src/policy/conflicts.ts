import { coversServiceAccount, exactNamespacesOf } from './allowlist.ts';
import { isAnything, isGlob } from './glob.ts';
import { type Labels, labelsOfNew } from './label-selector.ts';
import type { Policy } from './policy.ts';
import { areEquallySpecific, type RankedAllowlist } from './selection.ts';
import { isSofter, type ViolationAction } from './violation-action.ts';

/** Two equally specific allowlists that set different defaults for one namespace; the first by name applies. */
export type Conflict = Readonly<{ namespace: string; other: string; role: string; otherRole: string }>;

/** An allowlist is compared with at most this many allowlists for patterns of ServiceAccounts, and names of them. */
const MAX_BROAD = 8;
const MAX_NAMED = 64;

/**
 * Finds the conflict of each allowlist in the first namespace by name in which it has one. The time is in milliseconds
 * since the epoch. Yields after each namespace, so that the caller can pause.
 */
export function* findConflicts(
  policy: Policy,
  namespaces: ReadonlyMap<string, Labels | undefined>,
  now: number,
): Generator<undefined, ReadonlyMap<string, Conflict>> {
  const conflicts = new Map<string, Conflict>();
  for (const namespace of [...namespaces.keys()].sort()) {
    for (const [name, conflict] of findConflictsIn(policy, namespace, namespaces.get(namespace), now)) {
      conflicts.set(name, conflicts.get(name) ?? conflict);
    }
    yield;
  }
  return conflicts;
}

/**
 * Finds the conflict of each allowlist that selects a namespace. Two allowlists conflict if a ServiceAccount gets its
 * default from one of them, and the other is equally specific and sets another default. Expired allowlists have none.
 */
function findConflictsIn(
  policy: Policy,
  namespace: string,
  labels: Labels | undefined,
  now: number,
): ReadonlyMap<string, Conflict> {
  const candidates = policy.select(namespace, labels).ranked.flatMap((entry) => {
    const { defaultRole, expiresAt } = entry.allowlist;
    return defaultRole !== undefined && now < expiresAt ? [{ ...entry, defaultRole }] : [];
  });
  const conflicts = new Map<string, Conflict>();
  for (const [first, later] of findContradictions(candidates)) {
    record(first, later);
    record(later, first);
  }
  return conflicts;

  function record({ allowlist: { name }, defaultRole }: Candidate, other: Candidate): void {
    if (!conflicts.has(name)) {
      conflicts.set(name, {
        namespace,
        other: other.allowlist.name,
        role: defaultRole,
        otherRole: other.defaultRole,
      });
    }
  }
}

type Candidate = RankedAllowlist & Readonly<{ defaultRole: string }>;

/**
 * Walks through allowlists, the most specific first, and records which of them sets the default of each ServiceAccount.
 * Yields that allowlist with each later one that contradicts it.
 */
function* findContradictions(candidates: readonly Candidate[]): Generator<readonly [Candidate, Candidate]> {
  const byAccount = new Map<string, Candidate>();
  const broad: Candidate[] = [];
  for (const candidate of candidates) {
    const forAll = broad.find(coversAll);
    if (forAll !== undefined && !areEquallySpecific(candidate, forAll)) {
      return;
    }
    for (const first of [
      ...firstForNames(candidate),
      ...(isBroad(candidate) ? firstForPatterns(candidate) : []),
    ]) {
      if (first.defaultRole !== candidate.defaultRole && areEquallySpecific(first, candidate)) {
        yield [first, candidate];
      }
    }
    if (isBroad(candidate) && broad.length < MAX_BROAD) {
      broad.push(candidate);
    }
  }

  /**
   * The allowlists that apply to the ServiceAccounts that the candidate names. If there is none, the candidate applies.
   */
  function firstForNames(candidate: Candidate): readonly Candidate[] {
    const names = (candidate.allowlist.spec.serviceAccounts ?? []).filter((account) => !isGlob(account));
    return names.flatMap((account) => {
      const first =
        byAccount.get(account) ?? broad.find(({ allowlist }) => coversServiceAccount(allowlist, account));
      if (first === undefined) {
        byAccount.set(account, candidate);
      }
      return first ?? [];
    });
  }

  /** Assumes that two globs overlap: a false conflict is only a note in a status. */
  function firstForPatterns({ allowlist }: Candidate): readonly Candidate[] {
    const named = byAccount.entries().take(MAX_NAMED);
    const untilAll = broad.slice(0, broad.findIndex(coversAll) + 1 || broad.length);
    return [
      ...named.filter(([account]) => coversServiceAccount(allowlist, account)).map(([, first]) => first),
      ...untilAll,
    ];
  }
}

function isBroad({ allowlist: { spec } }: Candidate): boolean {
  return spec.serviceAccounts === undefined || spec.serviceAccounts.some(isGlob);
}

function coversAll({ allowlist: { spec } }: Candidate): boolean {
  return spec.serviceAccounts === undefined || spec.serviceAccounts.some(isAnything);
}

/** A namespace in which the action of an allowlist does not count, because another one has a stricter action. */
export type OverruledAction = Readonly<{ namespace: string; other: string; action: ViolationAction }>;

/**
 * Finds the first namespace that an allowlist names exactly, and in which another allowlist is stricter. Yields after each
 * namespace, so that the caller can pause.
 */
export function* findOverruledAction(
  policy: Policy,
  name: string,
  namespaces: ReadonlyMap<string, Labels>,
): Generator<undefined, OverruledAction | undefined> {
  const allowlist = policy.allowlists.get(name);
  const own = allowlist?.spec.violationAction;
  if (allowlist === undefined || own === undefined || own === 'Deny') {
    return undefined;
  }
  for (const namespace of exactNamespacesOf(allowlist)) {
    yield;
    const labels = namespaces.get(namespace) ?? labelsOfNew(namespace);
    const { ranked, action = own } = policy.select(namespace, labels);
    const strictest = ranked.find((other) => other.allowlist.spec.violationAction === action);
    if (strictest !== undefined && isSofter(own, action)) {
      return { namespace, other: strictest.allowlist.name, action };
    }
  }
  return undefined;
}
