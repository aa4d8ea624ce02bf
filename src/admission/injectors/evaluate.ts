import {
  allowsRole,
  type CompiledAllowlist,
  covers,
  exactNamespacesOf,
  rankOf,
} from '../../policy/allowlist.ts';
import { isGlob } from '../../policy/glob.ts';
import type { Labels } from '../../policy/label-selector.ts';
import { isRoleName } from '../../policy/names.ts';
import type { Policy } from '../../policy/policy.ts';
import { ANY_POD } from '../../policy/subject.ts';
import { isStrict } from '../../policy/violation-action.ts';
import { type Finding, findEverywhere, findIn, selectsEveryNamespace, unchecked } from './finding.ts';
import type { RoleEntry } from './read.ts';
import { createScopes, type NamespaceScope } from './scope.ts';

/** What entries are evaluated by; the time is in milliseconds since the epoch. */
export type PolicyFacts = Readonly<{
  policy: Policy;
  now: number;
  /** The namespaces of the cluster; undefined if they are not known. */
  namespaces: ReadonlyMap<string, Labels> | undefined;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
}>;

/** Nothing else is answered during an evaluation, so it is bounded: about 0.15 µs a step, which is one comparison. */
export const MAX_STEPS = 150_000;

/** Evaluates the roles that entries set, and finds at most one thing about each entry: the gravest, where it comes first. */
export function evaluateEntries(entries: readonly RoleEntry[], facts: PolicyFacts): readonly Finding[] {
  const { policy, now, namespaces, excludedNamespaces } = facts;
  const { settings } = policy;
  const allowlists = [...policy.allowlists.values()];
  const findCandidates = createScopes(namespaces);
  const excluded = new Set(excludedNamespaces);
  const everyAction = [settings.unlistedNamespaces, ...allowlists.map(({ spec }) => spec.violationAction)];
  const canBeDenied = everyAction.some(isStrict);
  const fine = new Set<string>();
  const lastingByRole = new Map<string, readonly CompiledAllowlist[]>();
  const coverages = new Map<string, (scope: NamespaceScope) => boolean>();
  const globsOfRoles = allowlists.reduce((count, { roles }) => count + 1 + roles.filter(isGlob).length, 0);
  const globsOfNamespaces = allowlists.reduce((count, allowlist) => count + globsOf(allowlist), 0);
  let steps = 0;
  // New entries come first, so that unchanged ones cannot use up the steps.
  return [...entries]
    .sort((a, b) => Number(a.isUnchanged) - Number(b.isUnchanged))
    .flatMap((entry) => evaluateEntry(entry) ?? []);

  function evaluateEntry(entry: RoleEntry): Finding | undefined {
    const { role, namespaceSelector = {} } = entry.injection;
    const everywhere = findEverywhere(entry, policy, now);
    if (everywhere !== undefined) {
      return everywhere;
    }
    if (steps > MAX_STEPS) {
      return unchecked(entry);
    }
    const lasting = lastingByRole.get(role) ?? findLasting(role);
    lastingByRole.set(role, lasting);
    const lists = lasting.map(({ name }) => name).join();
    const key = `${lists} ${JSON.stringify(namespaceSelector)}`;
    if (fine.has(key)) {
      return undefined;
    }

    const isAllowedIn = coverages.get(lists) ?? compileCoverage(lasting);
    coverages.set(lists, isAllowedIn);
    const { scopes, matches, requirements, searched } = findCandidates(namespaceSelector);
    steps += searched;
    let isMatched = false;
    let tolerated: Finding | undefined;
    let expiring: Finding | undefined;
    for (const scope of scopes) {
      steps += 1 + requirements;
      if (steps > MAX_STEPS) {
        return unchecked(entry);
      }
      if (scope.kind === 'namespace' && !matches(scope.labels)) {
        continue;
      }
      isMatched = true;
      const finding = isAllowedIn(scope) ? undefined : evaluateScope(entry, scope);
      if (finding?.kind === 'expiring') {
        expiring ??= finding;
      } else if (finding !== undefined) {
        tolerated ??= finding;
        if (finding.kind === 'denied' || entry.isUnchanged || !canBeDenied) {
          return finding;
        }
      }
    }
    if (!isMatched) {
      return entry.isUnchanged ? undefined : { kind: 'unmatched', entry };
    }
    const found = tolerated ?? expiring;
    if (found === undefined) {
      fine.add(key);
    }
    return found;
  }

  /** Finds the allowlists that allow a role to every pod for good. */
  function findLasting(role: string): readonly CompiledAllowlist[] {
    steps += globsOfRoles;
    return isRoleName(role) ? allowlists.filter((allowlist) => allowsForGood(allowlist, role)) : [];
  }

  /** Whether one of these allowlists selects a namespace, or its pods may name any role. */
  function compileCoverage(lasting: readonly CompiledAllowlist[]): (scope: NamespaceScope) => boolean {
    const names = new Set(lasting.flatMap(exactNamespacesOf));
    const isEverywhere = lasting.some(selectsEveryNamespace);
    steps += names.size;
    return (scope) => {
      if (isEverywhere || scope.kind !== 'namespace') {
        return isEverywhere;
      }
      const { namespace, labels } = scope;
      return (
        excluded.has(namespace) ||
        names.has(namespace) ||
        lasting.some((allowlist) => {
          steps += globsOf(allowlist);
          return rankOf(allowlist, namespace, labels) !== undefined;
        })
      );
    };
  }

  function evaluateScope(entry: RoleEntry, scope: NamespaceScope): Finding {
    steps += globsOfNamespaces;
    return findIn(scope, entry, policy, now);
  }
}

/** How many comparisons tell whether an allowlist selects a namespace. */
function globsOf({ spec: { namespaces = [] } }: CompiledAllowlist): number {
  return 1 + namespaces.filter(isGlob).length;
}

function allowsForGood(allowlist: CompiledAllowlist, role: string): boolean {
  return !Number.isFinite(allowlist.expiresAt) && covers(allowlist, ANY_POD) && allowsRole(allowlist, role);
}
