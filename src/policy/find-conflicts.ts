import { isGlob } from './glob.ts';
import type { Labels } from './label-selector.ts';
import { areEquallySpecific, type RankedAllowlist } from './namespace-index.ts';
import type { Policy } from './policy.ts';

/** Two lists that give one namespace different defaults, and only their names say which counts. */
export type Conflict = Readonly<{ namespace: string; other: string; role: string; otherRole: string }>;

/**
 * Finds, for each list, the first namespace in which another one contradicts its default: the two most specific lists
 * with a default are equally specific, differ, and may both cover one ServiceAccount. Expired lists take no part.
 */
export function findConflicts(
  policy: Policy,
  namespaces: ReadonlyMap<string, Labels | undefined>,
  now: number,
): ReadonlyMap<string, Conflict> {
  const conflicts = new Map<string, Conflict>();
  for (const namespace of [...namespaces.keys()].sort()) {
    const { ranked } = policy.select(namespace, namespaces.get(namespace));
    const [first, second] = ranked.flatMap((entry) => {
      const { defaultRole, expiresAt } = entry.allowlist;
      return defaultRole !== undefined && now < expiresAt ? [{ ...entry, defaultRole }] : [];
    });
    if (first !== undefined && second !== undefined && contradict(first, second)) {
      record(first, second);
      record(second, first);
    }

    function record({ allowlist, defaultRole }: Candidate, other: Candidate): void {
      if (!conflicts.has(allowlist.name)) {
        conflicts.set(allowlist.name, {
          namespace,
          other: other.allowlist.name,
          role: defaultRole,
          otherRole: other.defaultRole,
        });
      }
    }
  }
  return conflicts;
}

type Candidate = RankedAllowlist & Readonly<{ defaultRole: string }>;

function contradict(first: Candidate, second: Candidate): boolean {
  return (
    first.defaultRole !== second.defaultRole &&
    areEquallySpecific(first, second) &&
    mayCoverOneAccount(first, second)
  );
}

/** Two globs are taken to overlap; whether they do is rarely worth the question. */
function mayCoverOneAccount(
  { allowlist: first }: RankedAllowlist,
  { allowlist: second }: RankedAllowlist,
): boolean {
  const ours = first.spec.serviceAccounts;
  const theirs = second.spec.serviceAccounts;
  if (ours === undefined || theirs === undefined) {
    return true;
  }
  return (
    (ours.some(isGlob) && theirs.some(isGlob)) ||
    ours.some((account) => second.coversServiceAccount(account)) ||
    theirs.some((account) => first.coversServiceAccount(account))
  );
}
