import type { DefaultRole } from '../policy/default-role.ts';
import { type Allowed, evaluate, type NoRole, type Violation } from '../policy/evaluate.ts';
import type { Labels } from '../policy/label-selector.ts';
import type { Policy } from '../policy/policy.ts';
import { printable } from '../policy/printable.ts';
import type { Subject } from '../policy/subject.ts';
import { auditOfRole } from './audit-annotations.ts';
import { type Decision, NOT_DECIDED, NOTHING_TO_DO, type Pass } from './decision.ts';
import {
  admissionWarning,
  denialMessage,
  expiryWarning,
  malformedMessage,
  stripWarning,
} from './messages.ts';
import { removeRole, setRole } from './patch.ts';
import { type Pod, parsePod } from './pod.ts';
import { toSubject } from './pod-subject.ts';
import { buildBadRequest, buildForbidden } from './refusal.ts';
import { type AdmissionRequest, isPodCreation } from './review.ts';
import { sortedNames } from './sorted-names.ts';

/** What was gathered of the namespace of a request; its labels are undefined where it is not known yet. */
export type NamespaceFacts = Readonly<{ labels: Labels | undefined }>;

/** All that is known of any namespace where the source of allowlists is files. */
export const NAMESPACE_WITHOUT_LABELS: NamespaceFacts = { labels: new Map() };

/**
 * Decides a request at a time in milliseconds since the epoch. Total and pure: whatever the request holds, it
 * answers, and the same request, policy and time always give the same answer.
 */
export function decide(
  pass: Pass,
  request: AdmissionRequest,
  policy: Policy,
  now: number,
  namespaceFacts: NamespaceFacts = NAMESPACE_WITHOUT_LABELS,
): Decision {
  if (!isPodCreation(request)) {
    return NOT_DECIDED;
  }

  const { pod, malformed } = parsePod(request.object);
  if (pod === undefined) {
    const refusal = buildBadRequest(malformedMessage(malformed));
    return { ...NOTHING_TO_DO, decision: 'deny', reason: 'malformed', refusal };
  }

  const subject = toSubject(pod, request.namespace, namespaceFacts.labels);
  const evaluation = evaluate(policy, subject, now);
  switch (evaluation.verdict) {
    case 'no-role':
      return decideNoRole(pass, pod, evaluation);
    case 'allowed':
      return decideAllowed(pass, pod, subject, evaluation, now);
    case 'violation':
      return pass === 'mutate' && evaluation.action === 'Strip'
        ? strip(pod, subject, evaluation)
        : decideViolation(pass, pod, subject, evaluation);
  }
}

function decideNoRole(pass: Pass, pod: Pod, { defaultRole }: NoRole): Decision {
  if (pass === 'validate' || defaultRole === undefined) {
    return { ...NOTHING_TO_DO, decision: 'allow', reason: 'no-role', pod };
  }
  return {
    ...NOTHING_TO_DO,
    ...injection(defaultRole),
    decision: 'inject',
    reason: 'default',
    pod,
    allowlists: [defaultRole.allowlist],
    patch: [setRole(defaultRole.role, pod)],
    auditAnnotations: { injected: defaultRole.role },
  };
}

function decideAllowed(pass: Pass, pod: Pod, subject: Subject, allowed: Allowed, now: number): Decision {
  const last = pass === 'validate' ? allowed.lastToExpire : undefined;
  const allowlists = sortedNames(allowed.allowlists);
  return {
    ...NOTHING_TO_DO,
    decision: 'allow',
    reason: 'allowed',
    pod,
    allowlists,
    warnings: last ? [expiryWarning(subject, allowed.role, last, now)] : [],
    breakGlass: last && { allowlist: last.name, expiresAt: last.spec.expiresAt, reason: last.spec.reason },
    auditAnnotations: auditAt(pass, 'allow', allowed.role, allowlists),
  };
}

/** The annotation is removed, and the pod then goes on as one that names no role. */
function strip(pod: Pod, subject: Subject, violation: Violation): Decision {
  const { role, reason, selecting, defaultRole } = violation;
  return {
    ...(defaultRole && injection(defaultRole)),
    decision: 'strip',
    reason,
    pod,
    allowlists: sortedNames(selecting),
    patch: defaultRole ? [removeRole, setRole(defaultRole.role, pod)] : [removeRole],
    warnings: [stripWarning(subject, violation)],
    auditAnnotations: { stripped: printable(role), ...(defaultRole && { injected: defaultRole.role }) },
  };
}

function injection({ role, conflictsWith }: DefaultRole): Pick<Decision, 'injectedRole' | 'conflictsWith'> {
  return { injectedRole: role, conflictsWith };
}

/** On the validating pass there is nothing left to strip with: what was to be stripped is refused. */
function decideViolation(pass: Pass, pod: Pod, subject: Subject, violation: Violation): Decision {
  const allowlists = sortedNames(violation.selecting);
  const decision = ({ Deny: 'deny', Strip: 'deny', Warn: 'warn', Audit: 'audit' } as const)[violation.action];
  return {
    ...NOTHING_TO_DO,
    decision,
    reason: violation.reason,
    pod,
    allowlists,
    refusal: decision === 'deny' ? buildForbidden(denialMessage(subject, violation)) : undefined,
    warnings: decision === 'warn' ? [admissionWarning(subject, violation)] : [],
    auditAnnotations: auditAt(pass, decision, violation.role, allowlists),
  };
}

/**
 * The validating pass alone writes of a role that is named: the mutating one may be called again for the same pod, and the
 * API server keeps the first value of a key.
 */
function auditAt(pass: Pass, ...ofRole: Parameters<typeof auditOfRole>): Decision['auditAnnotations'] {
  return pass === 'mutate' ? {} : auditOfRole(...ofRole);
}
