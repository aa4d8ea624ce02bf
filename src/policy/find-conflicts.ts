import { isAnything, isGlob } from './glob.ts';
import type { Labels } from './label-selector.ts';
import { areEquallySpecific, type RankedAllowlist } from './namespace-index.ts';
import type { Policy } from './policy.ts';

/** Two lists that give one namespace different defaults, and only their names say which counts. */
export type Conflict = Readonly<{ namespace: string; other: string; role: string; otherRole: string }>;

/**
 * Each list is compared with so many of its equals that have another default, the first by name. Of lists without
 * serviceAccounts the very first contradicts it; only those with them can be passed over.
 */
const MAX_COMPARED = 16;

/**
 * Finds, for each list, the first namespace in which another one contradicts its default: they are equally specific,
 * differ, and may both cover one ServiceAccount, to which no more specific list gives a default. Expired lists take no
 * part.
 */
export function findConflicts(
  policy: Policy,
  namespaces: ReadonlyMap<string, Labels | undefined>,
  now: number,
): ReadonlyMap<string, Conflict> {
  const conflicts = new Map<string, Conflict>();
  for (const namespace of [...namespaces.keys()].sort()) {
    const { ranked } = policy.select(namespace, namespaces.get(namespace));
    const candidates = ranked.flatMap((entry) => {
      const { defaultRole, expiresAt } = entry.allowlist;
      return defaultRole !== undefined && now < expiresAt ? [{ ...entry, defaultRole }] : [];
    });
    for (const equals of groupsThatCount(candidates)) {
      const othersThan = groupOthers(equals);
      for (const candidate of equals) {
        const { name } = candidate.allowlist;
        const other = othersThan(candidate.defaultRole).find((other) => mayCoverOneAccount(candidate, other));
        if (other !== undefined && !conflicts.has(name)) {
          conflicts.set(name, {
            namespace,
            other: other.allowlist.name,
            role: candidate.defaultRole,
            otherRole: other.defaultRole,
          });
        }
      }
    }
  }
  return conflicts;
}

type Candidate = RankedAllowlist & Readonly<{ defaultRole: string }>;

/** Groups lists by how specific they are, as far as there is a ServiceAccount that gets no default from those before. */
function groupsThatCount(ranked: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groups: Candidate[][] = [];
  for (const candidate of ranked) {
    const group = groups.at(-1);
    if (group?.[0] !== undefined && areEquallySpecific(group[0], candidate)) {
      group.push(candidate);
    } else if (group?.some(coversAll)) {
      break;
    } else {
      groups.push([candidate]);
    }
  }
  return groups;
}

function coversAll({ allowlist: { spec } }: Candidate): boolean {
  return spec.serviceAccounts === undefined || spec.serviceAccounts.some(isAnything);
}

/** The first of some lists that have another default than a role; looked for once for each role. */
function groupOthers(equals: readonly Candidate[]): (role: string) => readonly Candidate[] {
  const groups = new Map<string, readonly Candidate[]>();
  return (role) => {
    const others = groups.get(role) ?? [
      ...equals
        .values()
        .filter(({ defaultRole }) => defaultRole !== role)
        .take(MAX_COMPARED),
    ];
    groups.set(role, others);
    return others;
  };
}

/** Two globs are taken to overlap; whether they do is rarely worth the question. */
function mayCoverOneAccount({ allowlist: one }: Candidate, { allowlist: other }: Candidate): boolean {
  const { serviceAccounts: ours } = one.spec;
  const { serviceAccounts: theirs } = other.spec;
  if (ours === undefined || theirs === undefined) {
    return true;
  }
  return (
    (ours.some(isGlob) && theirs.some(isGlob)) ||
    ours.some((account) => other.coversServiceAccount(account)) ||
    theirs.some((account) => one.coversServiceAccount(account))
  );
}
