import assert from 'node:assert/strict';
import type { AuditEvent } from './audit-log.ts';
import type { PodAnswer } from './try-pod.ts';

/** The outcome for a pod, and why, if the API server answers that. */
export type Verdict = Readonly<{ verdict: 'refused' | 'warned' | 'audited' | 'admitted'; why: string }>;

const IS_VIOLATION = /RAM role .* (?:is not allowed in|is not a RAM role name)/s;

/** The words by which a reason is known in the messages of the server and of the policies; the first that fit. */
const REASONS = {
  protected: /a protected role/,
  'invalid-name': /is not a RAM role name/,
  'no-allowlist': /no allowlist selects this namespace/,
  expired: /ha(?:s|ve) expired \(([^)]*)\)/,
  'not-allowed': /is not allowed in /,
};

/** The verdict on a pod's role, of the server or of policies, by what the API server answers and keeps in its audit log. */
export function toVerdict(
  { accepted, message, warnings, auditId }: PodAnswer,
  audit: ReadonlyMap<string, AuditEvent>,
): Verdict {
  if (!accepted) {
    return { verdict: 'refused', why: toWhy(message) };
  }
  const violation = warnings.find((warning) => IS_VIOLATION.test(warning));
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

/** The reason that a text gives, with the allowlists that have expired; all of the text if it gives none. */
function toWhy(text: string): string {
  const [reason = text] = Object.entries(REASONS).find(([, words]) => words.test(text)) ?? [];
  const [, expired = ''] = REASONS.expired.exec(text) ?? [];
  return reason === 'expired' ? `expired: ${expired}` : reason;
}
