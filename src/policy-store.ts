import type { Logger } from 'pino';
import type { PolicyMetrics } from './observability/policy-metrics.ts';
import { createPolicy, type Policy, type PolicySettings } from './policy/policy.ts';
import type { DeniedState, SourceChanges } from './sources/source.ts';
import { MAX_LISTED } from './text/printable.ts';

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

/** How an allowlist has changed. */
type ChangeKind = 'added' | 'changed' | 'removed';

/** Changes that follow each other faster share a line. */
const INTERVAL_MS = 1_000;

/**
 * Logs the changes of allowlists, at most one line a second: the first at once, those after it together.
 *
 * @param denied the allowlists that only deny
 */
function createChangeReport(
  logger: Logger,
  denied: ReadonlyMap<string, DeniedState>,
): (name: string, kind: ChangeKind) => void {
  let kinds = new Map<string, ChangeKind>();
  let isWaiting = false;
  let loggedAt = Number.NEGATIVE_INFINITY;

  function log(): void {
    const namesOf = (kind: ChangeKind) => namesWith(kinds, kind);
    const invalid = namesWith(denied, 'invalid');
    logger.info(
      {
        ...{ added: namesOf('added'), changed: namesOf('changed'), removed: namesOf('removed') },
        changes: kinds.size,
        invalid: invalid.length > 0 ? invalid : undefined,
      },
      'allowlists reloaded',
    );
    kinds = new Map();
    isWaiting = false;
    loggedAt = performance.now();
  }

  return (name, kind) => {
    kinds.set(name, kind === 'changed' ? (kinds.get(name) ?? kind) : kind);
    if (!isWaiting) {
      isWaiting = true;
      // Changes that count together share a line, so even the first waits for those after it.
      setTimeout(log, Math.max(0, loggedAt + INTERVAL_MS - performance.now())).unref();
    }
  };
}

function namesWith<Kind>(kinds: ReadonlyMap<string, Kind>, wanted: Kind): readonly string[] {
  return [...kinds]
    .filter(([, kind]) => kind === wanted)
    .slice(0, MAX_LISTED)
    .map(([name]) => name);
}
