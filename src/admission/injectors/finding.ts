import type { Violation } from '../../policy/evaluate.ts';
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
