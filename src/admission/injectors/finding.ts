import { type CompiledAllowlist, Rank } from '../../policy/allowlist.ts';
import { type Allowed, evaluateRole, type Violation } from '../../policy/evaluate.ts';
import { isAnything } from '../../policy/glob.ts';
import type { Policy } from '../../policy/policy.ts';
import { type Selection, toSelection } from '../../policy/selection.ts';
import { ANY_POD } from '../../policy/subject.ts';
import { isStrict } from '../../policy/violation-action.ts';
import type { RoleEntry } from './read.ts';
import type { NamespaceScope } from './scope.ts';

/**
 * A role that an entry sets where it is not allowed: `denied` if pods there are denied or lose the role, `tolerated` if
 * they are admitted or the entry is unchanged.
 */
export type RoleFinding = Readonly<{
  kind: 'denied' | 'tolerated';
  entry: RoleEntry;
  scope: NamespaceScope;
  violation: Violation;
}>;

/** A role that is allowed for a limited time, in milliseconds since the epoch. The injector does not stop then. */
export type ExpiringFinding = Readonly<{
  kind: 'expiring';
  entry: RoleEntry;
  scope: NamespaceScope;
  until: number;
}>;

/** A new entry that applies to no namespace today. */
export type UnmatchedFinding = Readonly<{ kind: 'unmatched'; entry: RoleEntry }>;

/** A new entry that applies to more namespaces than one request can evaluate. */
export type UncheckedFinding = Readonly<{ kind: 'unchecked'; entry: RoleEntry }>;

export type Finding = RoleFinding | ExpiringFinding | UnmatchedFinding | UncheckedFinding;

/** Finds a protected role, or a value that is no role name, unless some namespaces only warn of it. */
export function findEverywhere(entry: RoleEntry, policy: Policy, now: number): RoleFinding | undefined {
  const scope = { kind: 'all' } as const;
  const evaluation = evaluateForEveryPod(policy, selectionIn(policy, scope), entry.injection.role, now);
  return evaluation.verdict === 'violation' &&
    (evaluation.reason === 'protected' || evaluation.reason === 'invalid-name') &&
    isStrict(evaluation.action)
    ? toRoleFinding(entry, scope, evaluation)
    : undefined;
}

/** Finds that a role is a violation in a scope or expires there, if no allowlist allows it there for good. */
export function findIn(
  scope: NamespaceScope,
  entry: RoleEntry,
  policy: Policy,
  now: number,
): RoleFinding | ExpiringFinding {
  const evaluation = evaluateForEveryPod(policy, selectionIn(policy, scope), entry.injection.role, now);
  if (evaluation.verdict === 'violation') {
    return toRoleFinding(entry, scope, evaluation);
  }
  const until = Math.max(...evaluation.allowlists.map(({ expiresAt }) => expiresAt));
  return { kind: 'expiring', entry, scope, until };
}

/** The finding of an entry that is not evaluated; an unchanged one is admitted. */
export function unchecked(entry: RoleEntry): UncheckedFinding | undefined {
  return entry.isUnchanged ? undefined : { kind: 'unchecked', entry };
}

/** A namespace that is not known may be one that another allowlist denies the role in. */
function toRoleFinding(entry: RoleEntry, scope: NamespaceScope, violation: Violation): RoleFinding {
  const isDenied = !entry.isUnchanged && (scope.kind === 'unknown' || isStrict(violation.action));
  return { kind: isDenied ? 'denied' : 'tolerated', entry, scope, violation };
}

function selectionIn(policy: Policy, scope: NamespaceScope): Selection {
  switch (scope.kind) {
    case 'namespace':
      return policy.select(scope.namespace, scope.labels);
    case 'unknown':
      return toSelection(
        [...policy.allowlists.values()]
          .filter(selectsEveryNamespace)
          .map((allowlist) => ({ allowlist, rank: Rank.glob })),
      );
    case 'all':
      return toSelection([]);
  }
}

/** An injector does not ask for a pod's ServiceAccount, so only allowlists count that allow the role to all of them. */
function evaluateForEveryPod(
  policy: Policy,
  selection: Selection,
  role: string,
  now: number,
): Allowed | Violation {
  return evaluateRole(policy, selection, ANY_POD, role, now);
}

export function selectsEveryNamespace({ spec }: CompiledAllowlist): boolean {
  return spec.namespaces?.some(isAnything) === true;
}
