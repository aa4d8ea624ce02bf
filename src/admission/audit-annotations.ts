import { printable } from '../policy/printable.ts';
import type { Decision, DecisionWord } from './decision.ts';

const MAX_ALLOWLISTS = 10;

/** What the audit log keeps of an object that names a role. */
export function auditOfRole(
  decision: DecisionWord,
  role: string,
  allowlists: readonly string[],
): Decision['auditAnnotations'] {
  return { decision, role: printable(role), allowlist: allowlists.slice(0, MAX_ALLOWLISTS).join(',') };
}
