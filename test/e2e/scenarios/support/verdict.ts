import assert from 'node:assert/strict';
import type { AuditEvent } from './audit-log.ts';
import type { PodAnswer } from './try-pod.ts';

/** What becomes of a pod, and why, where that is told to whoever creates it. */
export type Verdict = Readonly<{ verdict: 'refused' | 'warned' | 'audited' | 'admitted'; why: string }>;

/** The verdict on a pod's role, of the server or of policies, by what the API server answers and keeps in its audit log. */
export function toVerdict(
  { accepted, message, warnings, auditId }: PodAnswer,
  audit: ReadonlyMap<string, AuditEvent>,
): Verdict {
  if (!accepted) {
    return { verdict: 'refused', why: toWhy(message) };
  }
  const violation = warnings.find((warning) => warning.includes('is not allowed'));
  if (violation !== undefined) {
    return { verdict: 'warned', why: toWhy(violation) };
  }
  const event = audit.get(auditId);
  assert.ok(event);
  const { annotations = {} } = event;
  const isAudited =
    annotations['validate-pods.eci-ram-role.io/decision'] === 'audit' ||
    'validation.policy.admission.k8s.io/validation_failure' in annotations;
  return { verdict: isAudited ? 'audited' : 'admitted', why: '' };
}

/** The part that both tell in the same words; all of the text where that is missing. */
function toWhy(text: string): string {
  const [, why = text] =
    / in namespace "[^"]*"(?:, [^:]*)?: (.*?)(?:; (?:hint|allowlists consulted): |$)/s.exec(text) ?? [];
  return why;
}
