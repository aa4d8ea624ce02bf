import type { Logger } from 'pino';
import type { PolicyMetrics } from './observability/policy-metrics.ts';
import type { Allowlist } from './policy/allowlist.ts';
import { compilePolicy, type Policy, type PolicySettings } from './policy/policy.ts';
import { describeChange } from './sources/describe-change.ts';

/** The policy in force. */
export type PolicyStore = Readonly<{
  get: () => Policy;
  replace: (allowlists: readonly Allowlist[]) => void;
  /** What an operator should know of the policy. */
  notes: () => readonly string[];
}>;

/** Creates the one place that holds the policy in force; it is replaced as a whole, between two decisions. */
export function createPolicyStore(
  first: readonly Allowlist[],
  settings: PolicySettings,
  metrics: PolicyMetrics,
  logger: Logger,
): PolicyStore {
  let allowlists = first;
  let policy = compilePolicy(first, settings);
  tell();

  function tell(): void {
    metrics.recordPolicy(allowlists, settings);
    for (const note of notes()) {
      logger.warn(note);
    }
  }

  function notes(): readonly string[] {
    return allowlists.length === 0 && settings.unlistedNamespaces === 'Deny'
      ? ['no allowlist is loaded: every pod that names a role is refused (--unlisted-namespaces Deny)']
      : [];
  }

  return {
    get: () => policy,
    replace: (next) => {
      logger.info({ ...describeChange(allowlists, next) }, 'allowlists reloaded');
      allowlists = next;
      policy = compilePolicy(next, settings);
      tell();
    },
    notes,
  };
}
