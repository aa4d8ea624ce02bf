import { applies, type CompiledAllowlist, covers, hasExpired } from './allowlist.ts';
import { type DefaultRole, findDefaultRole } from './default-role.ts';
import { isRoleName, withoutStars } from './names.ts';
import type { Policy } from './policy.ts';
import { type Selection, toSelection } from './selection.ts';
import type { Subject } from './subject.ts';
import { isStrict, strictest, type ViolationAction } from './violation-action.ts';

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
  /** The allowlists that select the namespace. */
  selection: Selection;
  /** Those of them that allow the role to some pod, or did so until they expired. */
  allowing: readonly CompiledAllowlist[];
  /** Those of them that allowed this role to this pod until they expired. */
  expired: readonly CompiledAllowlist[];
  /** The roles that this pod may name. */
  roles: RoleSample;
  /** The default role of the pod after Strip; undefined for other actions, or if there is none. */
  defaultRole: DefaultRole | undefined;
}>;

/** The first roles that a pod may name, those of the most specific allowlists first. */
export type RoleSample = Readonly<{
  roles: readonly string[];
  /** Whether there is no other role. */
  isComplete: boolean;
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
  return { verdict: 'no-role', defaultRole: findDefaultRole(policy, subject, selection, now) };
}

/** Evaluates a role that a pod names, by the allowlists that select its namespace. */
export function evaluateRole(
  policy: Policy,
  selection: Selection,
  subject: Subject,
  role: string,
  now: number,
): Allowed | Violation {
  // A value that is not a role name is never matched, so that its length costs nothing.
  const allowing = isRoleName(role) ? selection.findAllowing(role) : [];
  const covering = allowing.filter((allowlist) => covers(allowlist, subject));
  const lasting = covering.filter((allowlist) => !hasExpired(allowlist, now));
  const expired = covering.filter((allowlist) => hasExpired(allowlist, now));

  const isListed = selection.ranked.length > 0;
  const reason = violationReason(policy, subject, role, { isListed, lasting, expired });
  if (reason === undefined) {
    return { verdict: 'allowed', role, allowlists: lasting, lastToExpire: lastToExpire(lasting) };
  }

  const action = violationAction(policy, selection, reason);
  return {
    verdict: 'violation',
    role,
    reason,
    action,
    selection,
    allowing,
    expired,
    roles: sampleRoles(selection, subject, now),
    defaultRole: action === 'Strip' ? findDefaultRole(policy, subject, selection, now) : undefined,
  };
}

/** Whether a pod is denied or loses its role, and another allowlist could allow it. */
export function couldBeAllowed({ action, reason }: Violation): boolean {
  return isStrict(action) && ['no-allowlist', 'expired', 'not-allowed'].includes(reason);
}

const NOTHING_SELECTED = toSelection([]);

/** A denial costs the same however many allowlists and roles a namespace has. */
const MAX_SAMPLED_ROLES = 256;
const MAX_SAMPLED_ALLOWLISTS = 256;

function sampleRoles({ ranked }: Selection, subject: Subject, now: number): RoleSample {
  const roles: string[] = [];
  for (const { allowlist } of ranked.slice(0, MAX_SAMPLED_ALLOWLISTS)) {
    if (applies(allowlist, subject, now)) {
      roles.push(...allowlist.roles.slice(0, MAX_SAMPLED_ROLES + 1 - roles.length));
    }
  }
  const isComplete = ranked.length <= MAX_SAMPLED_ALLOWLISTS && roles.length <= MAX_SAMPLED_ROLES;
  return { roles: roles.slice(0, MAX_SAMPLED_ROLES), isComplete };
}

function violationReason(
  policy: Policy,
  subject: Subject,
  role: string,
  {
    isListed,
    lasting,
    expired,
  }: Readonly<{ isListed: boolean; lasting: readonly unknown[]; expired: readonly unknown[] }>,
): ViolationReason | undefined {
  if (policy.isProtectedRole(withoutStars(role))) {
    return 'protected';
  }
  if (lasting.length > 0) {
    return undefined;
  }
  if (subject.namespaceLabels === undefined) {
    return 'unknown-namespace';
  }
  if (!isRoleName(role)) {
    return 'invalid-name';
  }
  if (!isListed) {
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
