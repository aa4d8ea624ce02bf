import type { Logger } from 'pino';
import { createChangeReport } from './change-report.ts';
import type { PolicyMetrics } from './observability/policy-metrics.ts';
import { createPolicy, type Policy, type PolicySettings } from './policy/policy.ts';
import type { DeniedState, SourceChanges } from './sources/source.ts';

/** The policy in force. */
export type PolicyStore = Readonly<{
  policy: Policy;
  /** Puts changes in force together, between two decisions. The first are all allowlists. */
  apply: (changes: SourceChanges) => void;
  /** Whether the allowlists were put in force. */
  hasAllowlists: () => boolean;
  /** Notes for an operator on the policy. */
  notes: () => readonly string[];
}>;

/** Creates the holder of the policy in force. */
export function createPolicyStore(
  settings: PolicySettings,
  metrics: PolicyMetrics,
  logger: Logger,
): PolicyStore {
  const { policy, apply } = createPolicy(settings);
  const denied = new Map<string, DeniedState>();
  const report = createChangeReport(logger, denied);
  let hasAllowlists = false;
  let note: string | undefined;
  metrics.observePolicy(policy, denied);

  function updateNote(): void {
    const isEmpty = policy.allowlists.size === 0 && settings.unlistedNamespaces === 'Deny';
    const next = isEmpty
      ? 'no allowlist is loaded: every pod that names a role is denied (--unlisted-namespaces Deny)'
      : undefined;
    if (next !== undefined && next !== note) {
      logger.warn(next);
    }
    note = next;
  }

  return {
    policy,
    hasAllowlists: () => hasAllowlists,
    notes: () => (note === undefined ? [] : [note]),
    apply: (changes) => {
      for (const name of changes.removed) {
        metrics.recordChange(policy.allowlists.get(name), undefined);
        denied.delete(name);
        report(name, 'removed');
      }
      for (const allowlist of changes.changed) {
        const { name } = allowlist;
        const known = policy.allowlists.get(name);
        metrics.recordChange(known, allowlist);
        const state = changes.denied.get(name);
        if (state === undefined) {
          denied.delete(name);
        } else {
          denied.set(name, state);
        }
        if (hasAllowlists) {
          report(name, known === undefined ? 'added' : 'changed');
        }
      }
      apply(changes);
      hasAllowlists = true;
      updateNote();
    },
  };
}
