import type { Phase } from '../../src/admission/decision.ts';
import type { Expectation } from './case-file.ts';

/** Reasons that a pod without a role has, or an object that is no pod. */
const REASONS_WITHOUT_ROLE: readonly string[] = ['no-role', 'malformed', 'not-decided'];

/** What an expectation implies of a phase's answer, beside sentences and the patch. */
export function expectedParts(phase: Phase, requestedRole: string, expected: Expectation) {
  const { outcome, reason, allowlists, conflictsWith, expiring, audit } = expected;
  return {
    outcome,
    reason,
    allowlists,
    conflictsWith,
    expiring,
    auditAnnotations: { ...impliedAudit(phase, requestedRole, expected), ...audit },
    warnings: outcome === 'warn' || outcome === 'strip' || expiring !== undefined ? 1 : 0,
  };
}

export function expectedEnvelope(uid: string, { outcome, reason }: Expectation) {
  const status =
    reason === 'malformed'
      ? { status: 'Failure', code: 400, reason: 'BadRequest' }
      : { status: 'Failure', code: 403, reason: 'Forbidden' };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    uid,
    allowed: outcome !== 'deny',
    patchType: patches({ outcome }) ? 'JSONPatch' : undefined,
    status: outcome === 'deny' ? status : undefined,
  };
}

export function patches({ outcome }: Pick<Expectation, 'outcome'>): boolean {
  return outcome === 'inject' || outcome === 'strip';
}

/** Tells whether the answer has a line for a person: a message, a warning or an audit annotation. */
export function hasLines(phase: Phase, requestedRole: string, expected: Expectation): boolean {
  const { outcome } = expected;
  return (
    outcome === 'deny' ||
    outcome === 'warn' ||
    Object.keys(impliedAudit(phase, requestedRole, expected)).length > 0
  );
}

function impliedAudit(phase: Phase, requestedRole: string, expected: Expectation): Record<string, string> {
  const { outcome, reason, role, allowlists } = expected;
  if (phase === 'validate') {
    return REASONS_WITHOUT_ROLE.includes(reason)
      ? {}
      : { decision: outcome, role: requestedRole, allowlist: allowlists.join(',') };
  }
  return {
    ...(outcome === 'strip' && { stripped: requestedRole }),
    ...(role !== undefined && { injected: role }),
  };
}
