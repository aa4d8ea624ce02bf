import { canGetDefaultRole, type DefaultRole } from '../../policy/default-role.ts';
import {
  type Allowed,
  couldBeAllowed,
  evaluate,
  type NoRole,
  type Violation,
} from '../../policy/evaluate.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Subject } from '../../policy/subject.ts';
import { printable } from '../../text/printable.ts';
import type { Problem, Result } from '../../text/problem.ts';
import {
  auditOfRole,
  badRequest,
  type Decision,
  firstNames,
  forbidden,
  NOTHING_TO_DO,
  type PatchOperation,
  type Phase,
} from '../decision.ts';
import { denialMessage } from '../messages.ts';
import { type Pod, toSubject } from '../pod.ts';
import { ANNOTATIONS_PATH, ROLE_ANNOTATION, ROLE_PATH } from '../role-annotation.ts';
import {
  admissionWarning,
  expiryWarning,
  malformedMessage,
  misspeltKeyWarning,
  roleLabelWarning,
  stripWarning,
} from './messages.ts';

/** The creation of a pod: the pod, or its problem if no API server would send it. */
export type PodCreation = Readonly<{
  namespace: string;
  pod: Result<Pod, Problem>;
  /** A key of its annotations that was probably meant to name the role. */
  misspeltKey: string | undefined;
  /** A key of its labels that was. */
  labelKey: string | undefined;
}>;

/** The facts that decide a pod; the time is in milliseconds since the epoch. */
export type PodFacts = Readonly<{
  policy: Policy;
  now: number;
  /** The labels of its namespace; undefined if the namespace is not known yet. */
  labels: Labels | undefined;
}>;

/** Decides a pod. Total and pure: the same pod, policy, labels and time always give the same decision. */
export function decidePod(phase: Phase, creation: PodCreation, facts: PodFacts): Decision {
  const decision = decideRole(phase, creation, facts);
  const { misspeltKey, labelKey } = creation;
  const hints = [
    ...(misspeltKey === undefined ? [] : [misspeltKeyWarning(misspeltKey)]),
    ...(labelKey === undefined ? [] : [roleLabelWarning(labelKey)]),
  ];
  return hints.length === 0 ? decision : { ...decision, warnings: [...decision.warnings, ...hints] };
}

function decideRole(
  phase: Phase,
  { namespace, pod: parsed }: PodCreation,
  { policy, now, labels }: PodFacts,
): Decision {
  if (!parsed.ok) {
    const denial = badRequest(malformedMessage(parsed.problem));
    return { ...NOTHING_TO_DO, outcome: 'deny', reason: 'malformed', denial };
  }
  const pod = parsed.value;
  const subject = toSubject(pod, namespace, labels);
  const evaluation = evaluate(policy, subject, now);
  switch (evaluation.verdict) {
    case 'no-role':
      return decideNoRole(phase, pod, subject, policy, evaluation);
    case 'allowed':
      return decideAllowed(phase, pod, subject, evaluation, now);
    case 'violation':
      return phase === 'mutate' && evaluation.action === 'Strip'
        ? strip(pod, subject, evaluation)
        : decideViolation(phase, pod, subject, evaluation);
  }
}

function decideNoRole(
  phase: Phase,
  pod: Pod,
  subject: Subject,
  policy: Policy,
  { defaultRole }: NoRole,
): Decision {
  if (phase === 'validate' || defaultRole === undefined) {
    const awaits = phase === 'mutate' && canGetDefaultRole(policy, subject) ? 'default' : undefined;
    return { ...NOTHING_TO_DO, outcome: 'allow', reason: 'no-role', pod, awaits };
  }
  return {
    ...NOTHING_TO_DO,
    ...injection(defaultRole),
    outcome: 'inject',
    reason: 'default',
    pod,
    allowlists: [defaultRole.allowlist],
    patch: [setRole(defaultRole.role, pod)],
    auditAnnotations: { injected: defaultRole.role },
  };
}

function decideAllowed(phase: Phase, pod: Pod, subject: Subject, allowed: Allowed, now: number): Decision {
  const last = phase === 'validate' ? allowed.lastToExpire : undefined;
  const allowlists = firstNames(allowed.allowlists);
  return {
    ...NOTHING_TO_DO,
    outcome: 'allow',
    reason: 'allowed',
    pod,
    role: allowed.role,
    allowlists,
    warnings: last ? [expiryWarning(subject, allowed.role, last, now)] : [],
    breakGlass: last && { allowlist: last.name, expiresAt: last.spec.expiresAt, reason: last.spec.reason },
    auditAnnotations: auditIn(phase, 'allow', allowed.role, allowlists),
  };
}

/** Removes the annotation, and injects the default role if the pod gets one. */
function strip(pod: Pod, subject: Subject, violation: Violation): Decision {
  const { role, reason, selection, defaultRole } = violation;
  return {
    ...(defaultRole && injection(defaultRole)),
    outcome: 'strip',
    reason,
    pod,
    role,
    allowlists: selection.summary.names,
    awaits: awaitedFor(violation),
    patch: defaultRole ? [removeRole, setRole(defaultRole.role, pod)] : [removeRole],
    warnings: [stripWarning(subject, violation)],
    auditAnnotations: { stripped: printable(role), ...(defaultRole && { injected: defaultRole.role }) },
  };
}

function injection({ role, conflictsWith }: DefaultRole): Pick<Decision, 'injectedRole' | 'conflictsWith'> {
  return { injectedRole: role, conflictsWith };
}

/** The validate phase cannot change the pod, so that it denies a role whose action is Strip. */
function decideViolation(phase: Phase, pod: Pod, subject: Subject, violation: Violation): Decision {
  const allowlists = violation.selection.summary.names;
  const outcome = ({ Deny: 'deny', Strip: 'deny', Warn: 'warn', Audit: 'audit' } as const)[violation.action];
  return {
    ...NOTHING_TO_DO,
    outcome,
    reason: violation.reason,
    pod,
    role: violation.role,
    allowlists,
    denial: outcome === 'deny' ? forbidden(denialMessage(subject, violation)) : undefined,
    awaits: awaitedFor(violation),
    warnings: outcome === 'warn' ? [admissionWarning(subject, violation)] : [],
    auditAnnotations: auditIn(phase, outcome, violation.role, allowlists),
  };
}

function awaitedFor(violation: Violation): Decision['awaits'] {
  return couldBeAllowed(violation) ? 'permission' : undefined;
}

/**
 * Only the validate phase annotates a role that the pod names. The mutate phase may run twice for one pod, and the API
 * server keeps the first value of a key.
 */
function auditIn(phase: Phase, ...ofRole: Parameters<typeof auditOfRole>): Decision['auditAnnotations'] {
  return phase === 'mutate' ? {} : auditOfRole(...ofRole);
}

/**
 * Sets the annotation. Adds the map only if it is absent or null, because adding it would remove all other annotations.
 */
export function setRole(
  role: string,
  { hasAnnotations }: Readonly<{ hasAnnotations: boolean }>,
): PatchOperation {
  return hasAnnotations
    ? { op: 'add', path: ROLE_PATH, value: role }
    : { op: 'add', path: ANNOTATIONS_PATH, value: { [ROLE_ANNOTATION]: role } };
}

/** Removes the annotation. It must exist: the API server rejects a pod whose patch does not apply. */
export const removeRole: PatchOperation = { op: 'remove', path: ROLE_PATH };
