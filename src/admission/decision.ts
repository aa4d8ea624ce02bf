import type { CompiledAllowlist } from '../policy/allowlist.ts';
import type { ViolationReason } from '../policy/evaluate.ts';
import { MAX_LISTED, printable } from '../text/printable.ts';
import { firstSorted } from '../text/sorted.ts';

/** Pods are decided in two phases: before and after every other mutating webhook. */
export type Phase = 'mutate' | 'validate';

/** The outcome for a request. Alerts depend on these words. */
export type Outcome = 'allow' | 'inject' | 'strip' | 'deny' | 'warn' | 'audit';

/** The reason for the outcome. Alerts depend on these words. */
export type DecisionReason =
  | ViolationReason
  | 'allowed'
  | 'no-role'
  | 'default'
  | 'malformed'
  | 'over-bound'
  | 'not-decided';

/** One JSON Patch operation (RFC 6902) on a pod. The webhook changes only the role annotation. */
export type PatchOperation =
  | Readonly<{ op: 'add'; path: string; value: string | Readonly<Record<string, string>> }>
  | Readonly<{ op: 'remove'; path: string }>;

/** A denial in the form of Kubernetes' `metav1.Status`, which the API server returns to its caller. */
export type Denial = Readonly<
  { message: string } & ({ code: 403; reason: 'Forbidden' } | { code: 400; reason: 'BadRequest' })
>;

/** The use of a role that only expiring allowlists allow: the last of them to expire. */
export type BreakGlass = Readonly<{
  allowlist: string;
  expiresAt: string | undefined;
  reason: string | undefined;
}>;

/** The fields of a decided pod that the log shows, in addition to its role. */
export type DecidedPod = Readonly<{
  /** Empty if the API server has not generated it yet. */
  name: string;
  generateName: string;
  serviceAccount: string;
}>;

/**
 * What an allowlist that is just being written could bring: permission for a role that is denied or removed, or a default
 * for a pod that names no role.
 */
export type AwaitedAllowlist = 'permission' | 'default';

/** The decision on a request: its answer, and everything that is logged and counted. */
export type Decision = Readonly<{
  outcome: Outcome;
  reason: DecisionReason;
  /** Undefined if the request is not for a pod, or the pod cannot be read. */
  pod?: DecidedPod | undefined;
  /** The role that the request names; undefined if it names none. */
  role?: string | undefined;
  /** The role that the decision sets. */
  injectedRole?: string | undefined;
  /** The first names of the allowlists that it depends on, sorted. */
  allowlists: readonly string[];
  /** The first names of equally specific allowlists with another default than the one injected. */
  conflictsWith?: readonly string[] | undefined;
  /** Set only in the validate phase, so that a pod counts as one use. */
  breakGlass?: BreakGlass | undefined;
  /** Set if, and only if, the request is denied. */
  denial?: Denial | undefined;
  /** The problem behind a denial, for the log alone: the caller must not learn it. */
  problem?: string | undefined;
  /** Set if an allowlist that is just being written could change the decision. */
  awaits?: AwaitedAllowlist | undefined;
  patch: readonly PatchOperation[];
  warnings: readonly string[];
  auditAnnotations: Readonly<Record<string, string>>;
}>;

/** The parts of a decision without allowlists, changes and reports. */
export const NOTHING_TO_DO: Pick<Decision, 'allowlists' | 'patch' | 'warnings' | 'auditAnnotations'> = {
  allowlists: [],
  patch: [],
  warnings: [],
  auditAnnotations: {},
};

/** The decision on a request that the webhook does not check: it is admitted unchanged. */
export const NOT_DECIDED: Decision = { ...NOTHING_TO_DO, outcome: 'allow', reason: 'not-decided' };

/** The actions on an object whose pods would be denied, or would get a role that they may not have. */
export const ENFORCEMENT_ACTIONS = ['Deny', 'Warn', 'Off'] as const;

/** `Deny` denies the object, `Warn` admits it with a warning, `Off` does not check it. */
export type EnforcementAction = (typeof ENFORCEMENT_ACTIONS)[number];

/** The actions for which objects are checked. */
export type ActiveEnforcementAction = Exclude<EnforcementAction, 'Off'>;

/** Builds the denial of an object that is not allowed. */
export function forbidden(message: string): Denial {
  return { code: 403, reason: 'Forbidden', message };
}

/** Builds the denial of an object that cannot be read. */
export function badRequest(message: string): Denial {
  return { code: 400, reason: 'BadRequest', message };
}

/** The audit annotations of an object that names a role. */
export function auditOfRole(
  outcome: Outcome,
  role: string,
  allowlists: readonly string[],
): Decision['auditAnnotations'] {
  return {
    decision: outcome,
    role: printable(role),
    allowlist: allowlists.join(','),
  };
}

/** The first names of allowlists, sorted, for answers and logs. */
export function firstNames(allowlists: readonly CompiledAllowlist[]): readonly string[] {
  return firstSorted(
    allowlists.map(({ name }) => name),
    MAX_LISTED,
  );
}
