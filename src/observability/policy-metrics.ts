import { createHash } from 'node:crypto';
import type { Registry } from 'prom-client';
import { expiryOf } from '../policy/allowlist.ts';
import type { PolicySettings } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import type { Snapshot } from '../sources/source.ts';
import { counter, gauge } from './metrics.ts';

/** The metrics of the policy in force. */
export type PolicyMetrics = Readonly<{
  recordPolicy: (snapshot: Snapshot, settings: PolicySettings) => void;
  countReloadFailure: () => void;
}>;

export function createPolicyMetrics(registry: Registry): PolicyMetrics {
  let inForce: Snapshot = { allowlists: [], invalid: [] };
  const info = gauge(
    registry,
    'policy_info',
    'Always 1; the hash of the policy in force, on which replicas must agree.',
    { labels: ['hash'] },
  );
  const lastChange = gauge(
    registry,
    'policy_last_change_timestamp_seconds',
    'When the policy in force was loaded.',
  );
  const reloadFailures = counter(
    registry,
    'policy_reload_failures_total',
    'Changes of the allowlists that could not be loaded; the last good ones stay in force.',
  );
  const count = gauge(registry, 'allowlists', 'Allowlists by state: active, expired or invalid.', {
    labels: ['state'],
    collect: () => {
      const { allowlists, invalid } = inForce;
      const expired = allowlists.filter(({ spec }) => expiryOf(spec) <= Date.now()).length;
      count.set({ state: 'expired' }, expired);
      count.set({ state: 'invalid' }, invalid.length);
      count.set({ state: 'active' }, allowlists.length - expired - invalid.length);
    },
  });

  return {
    recordPolicy: (snapshot, settings) => {
      inForce = snapshot;
      info.reset();
      info.set({ hash: hashPolicy(snapshot.allowlists, settings) }, 1);
      lastChange.set(Date.now() / 1000);
    },
    countReloadFailure: () => reloadFailures.inc(),
  };
}

/** The same hash for the same allowlists and settings, in any order of the allowlists. */
function hashPolicy(allowlists: readonly Allowlist[], settings: PolicySettings): string {
  const texts = allowlists.map((allowlist) => JSON.stringify(allowlist)).sort();
  return createHash('sha256')
    .update(JSON.stringify([settings, texts]))
    .digest('hex')
    .slice(0, 12);
}
