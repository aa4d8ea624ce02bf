import assert from 'node:assert/strict';
import type { AuditEvent } from './audit-log.ts';
import type { PodAnswer } from './try-pod.ts';

/** The outcome for a pod, and why, if the API server answers that. */
export type Verdict = Readonly<{ verdict: 'refused' | 'warned' | 'audited' | 'admitted'; why: string }>;

/** The verdict on a pod's role, of the server or of policies, by what the API server answers and keeps in its audit log. */
export function toVerdict(
  { accepted, message, warnings, auditId }: PodAnswer,
  audit: ReadonlyMap<string, AuditEvent>,
): Verdict {
  if (!accepted) {
    return { verdict: 'refused', why: toWhy(message) };
  }
  const violation = warnings.find((warning) => /is not allowed|is not a RAM role name/.test(warning));
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

/** The parts that both state in the same words: the verdict and the cause. All of the text if there is no verdict. */
function toWhy(text: string): string {
  const [verdict] = /is not a RAM role name|is not allowed in namespace "[^"]*"/.exec(text) ?? [];
  const [cause = ''] =
    /: (?:no allowlist can allow a protected role|no allowlist selects this namespace|the allowlist has expired \(.*?\))/.exec(
      text,
    ) ?? [];
  return verdict === undefined ? text : verdict + cause;
}
