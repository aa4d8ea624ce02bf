import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { PolicyMetrics } from './observability/policy-metrics.ts';
import { compilePolicy, type Policy, type PolicySettings } from './policy/policy.ts';
import type { Allowlist } from './policy/schema/allowlist.ts';
import type { Snapshot } from './sources/source.ts';

/** The policy in force. */
export type PolicyStore = Readonly<{
  get: () => Policy;
  /** Puts a snapshot in force; returns its policy. */
  replace: (snapshot: Snapshot) => Policy;
  /** Whether a snapshot was put in force. */
  hasSnapshot: () => boolean;
  /** Notes for an operator on the policy. */
  notes: () => readonly string[];
}>;

/** Creates the holder of the policy in force. The policy is replaced as a whole, between two decisions. */
export function createPolicyStore(
  settings: PolicySettings,
  metrics: PolicyMetrics,
  logger: Logger,
): PolicyStore {
  let snapshot: Snapshot | undefined;
  let policy = compilePolicy([], settings);

  function notes(): readonly string[] {
    return snapshot?.allowlists.length === 0 && settings.unlistedNamespaces === 'Deny'
      ? ['no allowlist is loaded: every pod that names a role is denied (--unlisted-namespaces Deny)']
      : [];
  }

  return {
    get: () => policy,
    hasSnapshot: () => snapshot !== undefined,
    notes,
    replace: (next) => {
      if (snapshot !== undefined) {
        const difference = compareAllowlists(snapshot.allowlists, next.allowlists);
        const invalid = next.invalid.length > 0 ? next.invalid : undefined;
        logger.info({ ...difference, invalid }, 'allowlists reloaded');
      }
      snapshot = next;
      policy = compilePolicy(next.allowlists, settings);
      metrics.recordPolicy(next, settings);
      for (const note of notes()) {
        logger.warn(note);
      }
      return policy;
    },
  };
}

/** The names of the allowlists in which two snapshots differ. */
type SnapshotDifference = Readonly<{
  added: readonly string[];
  changed: readonly string[];
  removed: readonly string[];
}>;

function compareAllowlists(before: readonly Allowlist[], after: readonly Allowlist[]): SnapshotDifference {
  const old = new Map(before.map(({ name, spec }) => [name, spec]));
  const names = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    changed: after
      .filter(({ name, spec }) => old.has(name) && !isDeepStrictEqual(old.get(name), spec))
      .map(({ name }) => name),
    removed: before.filter(({ name }) => !names.has(name)).map(({ name }) => name),
  };
}
