import type { CompiledAllowlist } from '../policy/allowlist.ts';
import type { ViolationReason } from '../policy/evaluate.ts';
import { printable } from '../text/printable.ts';

/** Pods are decided in two phases: before and after every other mutating webhook. */
export type Phase = 'mutate' | 'validate';

/** What is done with a request. Alerts are built on these words. */
export type Outcome = 'allow' | 'inject' | 'strip' | 'deny' | 'warn' | 'audit';

/** Why it is done. Alerts are built on these words. */
export type DecisionReason =
  | ViolationReason
  | 'allowed'
  | 'no-role'
  | 'default'
  | 'malformed'
  | 'not-decided';

/** One JSON Patch operation (RFC 6902) on a pod. The webhook only ever touches its one annotation. */
export type PatchOperation =
  | Readonly<{ op: 'add'; path: string; value: string | Readonly<Record<string, string>> }>
  | Readonly<{ op: 'remove'; path: string }>;

/** A denial as the API server passes it on, as in Kubernetes' `metav1.Status`. */
export type Denial = Readonly<
  { message: string } & ({ code: 403; reason: 'Forbidden' } | { code: 400; reason: 'BadRequest' })
>;

/** If every allowlist that allows a role expires: the name of the last one to do so, and what it says. */
export type BreakGlass = Readonly<{
  allowlist: string;
  expiresAt: string | undefined;
  reason: string | undefined;
}>;

/** What the log says of a decided pod, beside its role. */
export type DecidedPod = Readonly<{
  /** Empty while the API server has still to generate it. */
  name: string;
  generateName: string;
  serviceAccount: string;
}>;

/** All that is answered, logged and counted of one request. */
export type Decision = Readonly<{
  outcome: Outcome;
  reason: DecisionReason;
  /** Undefined if no pod was decided, or it could not be read. */
  pod?: DecidedPod | undefined;
  /** The role that the request names; undefined if it names none. */
  role?: string | undefined;
  /** The role that the decision sets. */
  injectedRole?: string | undefined;
  /** The names of the allowlists it rests on, sorted. */
  allowlists: readonly string[];
  /** The names of equally specific allowlists with another default than the one injected. */
  conflictsWith?: readonly string[] | undefined;
  /** Set in the validate phase alone, so that a pod counts as one use. */
  breakGlass?: BreakGlass | undefined;
  /** Set if, and only if, the request is denied. */
  denial?: Denial | undefined;
  patch: readonly PatchOperation[];
  warnings: readonly string[];
  auditAnnotations: Readonly<Record<string, string>>;
}>;

/** The parts of a decision that rests on no allowlist, changes nothing and has nothing to report. */
export const NOTHING_TO_DO: Pick<Decision, 'allowlists' | 'patch' | 'warnings' | 'auditAnnotations'> = {
  allowlists: [],
  patch: [],
  warnings: [],
  auditAnnotations: {},
};

/** The answer to a request that is not for the webhook to decide: it is admitted unchanged. */
export const NOT_DECIDED: Decision = { ...NOTHING_TO_DO, outcome: 'allow', reason: 'not-decided' };

/** What is done about an object that would have pods denied, or give them a role that they may not have. */
export const ENFORCEMENT_ACTIONS = ['Deny', 'Warn', 'Off'] as const;

/** `Deny` denies the object, `Warn` admits it with a warning, `Off` does not check it. */
export type EnforcementAction = (typeof ENFORCEMENT_ACTIONS)[number];

/** An action under which objects are checked. */
export type ActiveEnforcementAction = Exclude<EnforcementAction, 'Off'>;

/** The denial of something that is not allowed. */
export function forbidden(message: string): Denial {
  return { code: 403, reason: 'Forbidden', message };
}

/** The denial of something that cannot be read. */
export function badRequest(message: string): Denial {
  return { code: 400, reason: 'BadRequest', message };
}

/** So many names of allowlists are shown, logged and annotated. */
export const MAX_LISTED = 10;

/** The audit annotations of an object that names a role. */
export function auditOfRole(
  outcome: Outcome,
  role: string,
  allowlists: readonly string[],
): Decision['auditAnnotations'] {
  return {
    decision: outcome,
    role: printable(role),
    allowlist: allowlists.slice(0, MAX_LISTED).join(','),
  };
}

/** The names of allowlists as they are answered and logged. */
export function sortedNames(allowlists: readonly CompiledAllowlist[]): readonly string[] {
  return allowlists.map(({ name }) => name).sort();
}
