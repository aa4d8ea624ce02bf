import { printable } from '../policy/printable.ts';
import type { Decision, DecisionWord, Pass } from './decision.ts';

const MAX_ALLOWLISTS = 10;

/**
 * What the audit log keeps of a pod that names a role. Only the validating pass writes it: the mutating one may
 * be called again for the same pod, and the API server keeps the first value of a key.
 */
export function auditOfRole(
  pass: Pass,
  decision: DecisionWord,
  role: string,
  allowlists: readonly string[],
): Decision['auditAnnotations'] {
  if (pass === 'mutate') {
    return {};
  }
  return { decision, role: printable(role), allowlist: allowlists.slice(0, MAX_ALLOWLISTS).join(',') };
}
