import { applies, type CompiledAllowlist, hasExpired } from './allowlist.ts';
import { type DefaultRole, findDefaultRole } from './default-role.ts';
import { isRoleName } from './names.ts';
import type { RankedAllowlist, Selection } from './namespace-index.ts';
import type { Policy } from './policy.ts';
import { withoutStars } from './protected-roles.ts';
import type { Subject } from './subject.ts';
import { strictest, type ViolationAction } from './violation-action.ts';

/** Why a role is a violation. If several reasons hold, the first in this order counts. */
export type ViolationReason =
  | 'protected'
  | 'unknown-namespace'
  | 'invalid-name'
  | 'no-allowlist'
  | 'expired'
  | 'not-allowed';

/** An allowlist allows the role. */
export type Allowed = Readonly<{
  verdict: 'allowed';
  role: string;
  allowlists: readonly CompiledAllowlist[];
  /** The allowlist that expires last; undefined if one of them never expires. */
  lastToExpire: CompiledAllowlist | undefined;
}>;

/** No allowlist allows the role, or it is protected. */
export type Violation = Readonly<{
  verdict: 'violation';
  role: string;
  reason: ViolationReason;
  action: ViolationAction;
  /** The allowlists that select the namespace, the most specific first. */
  selecting: readonly CompiledAllowlist[];
  /** Those of them that can allow a role to this pod. */
  applying: readonly CompiledAllowlist[];
  /** Those of them that allowed this role to this pod until they expired. */
  expired: readonly CompiledAllowlist[];
  /** The default role of the pod after Strip; undefined for other actions, or if there is none. */
  defaultRole: DefaultRole | undefined;
}>;

/** The pod names no role. */
export type NoRole = Readonly<{ verdict: 'no-role'; defaultRole: DefaultRole | undefined }>;

/** The verdict of the policy on a pod. */
export type Evaluation = Allowed | Violation | NoRole;

/** Evaluates a pod at a time in milliseconds since the epoch. Total: every subject has an evaluation; never throws. */
export function evaluate(policy: Policy, subject: Subject, now: number): Evaluation {
  const selection =
    subject.namespace === '' ? NOTHING_SELECTED : policy.select(subject.namespace, subject.namespaceLabels);
  if (subject.requestedRole !== undefined) {
    return evaluateRole(policy, selection, subject, subject.requestedRole, now);
  }
  const applying = selection.ranked.filter(({ allowlist }) => applies(allowlist, subject, now));
  return { verdict: 'no-role', defaultRole: findDefaultRole(policy, subject, applying) };
}

/** Evaluates a role that a pod names, by the allowlists that select its namespace. */
export function evaluateRole(
  policy: Policy,
  selection: Selection,
  subject: Subject,
  role: string,
  now: number,
): Allowed | Violation {
  const applying = selection.ranked.filter(({ allowlist }) => applies(allowlist, subject, now));
  const selecting = selection.ranked.map(toAllowlist);
  // A value that is not a role name is never matched, so that its length costs nothing.
  const naming = isRoleName(role)
    ? selecting.filter((allowlist) => allowlist.covers(subject) && allowlist.allowsRole(role))
    : [];
  const allowing = naming.filter((allowlist) => !hasExpired(allowlist, now));
  const expired = naming.filter((allowlist) => hasExpired(allowlist, now));

  const reason = violationReason(policy, subject, role, { selecting, allowing, expired });
  if (reason === undefined) {
    return { verdict: 'allowed', role, allowlists: allowing, lastToExpire: lastToExpire(allowing) };
  }

  const action = violationAction(policy, selection, reason);
  return {
    verdict: 'violation',
    role,
    reason,
    action,
    selecting,
    applying: applying.map(toAllowlist),
    expired,
    defaultRole: action === 'Strip' ? findDefaultRole(policy, subject, applying) : undefined,
  };
}

const NOTHING_SELECTED: Selection = { ranked: [], action: undefined };

function toAllowlist({ allowlist }: RankedAllowlist): CompiledAllowlist {
  return allowlist;
}

function violationReason(
  policy: Policy,
  subject: Subject,
  role: string,
  {
    selecting,
    allowing,
    expired,
  }: Readonly<Record<'selecting' | 'allowing' | 'expired', readonly unknown[]>>,
): ViolationReason | undefined {
  if (policy.isProtectedRole(withoutStars(role))) {
    return 'protected';
  }
  if (allowing.length > 0) {
    return undefined;
  }
  if (subject.namespaceLabels === undefined) {
    return 'unknown-namespace';
  }
  if (!isRoleName(role)) {
    return 'invalid-name';
  }
  if (selecting.length === 0) {
    return 'no-allowlist';
  }
  return expired.length > 0 ? 'expired' : 'not-allowed';
}

function violationAction(
  { settings }: Policy,
  selection: Selection,
  reason: ViolationReason,
): ViolationAction {
  // An allowlist that selects by labels may set any action for an unknown namespace, so that only Deny is safe.
  if (reason === 'protected' || reason === 'unknown-namespace') {
    return 'Deny';
  }
  const { action = settings.unlistedNamespaces } = selection;
  return reason === 'invalid-name' ? strictest(action, [settings.unlistedNamespaces]) : action;
}

function lastToExpire(allowlists: readonly CompiledAllowlist[]): CompiledAllowlist | undefined {
  const last = allowlists.reduce((last, allowlist) =>
    allowlist.expiresAt > last.expiresAt ? allowlist : last,
  );
  return Number.isFinite(last.expiresAt) ? last : undefined;
}
