import { createHash } from 'node:crypto';
import { Counter, Gauge, type Registry } from 'prom-client';
import { expiryOf } from '../policy/allowlist.ts';
import type { PolicySettings } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { METRIC_PREFIX } from './metric-prefix.ts';

/** The lists in force, and the names of those that were salvaged from what our schema does not accept. */
type PolicySnapshot = Readonly<{ allowlists: readonly Allowlist[]; invalid: readonly string[] }>;

/** What is shown of the policy in force. */
export type PolicyMetrics = Readonly<{
  recordPolicy: (snapshot: PolicySnapshot, settings: PolicySettings) => void;
  countReloadFailure: () => void;
}>;

export function createPolicyMetrics(registry: Registry): PolicyMetrics {
  let inForce: PolicySnapshot = { allowlists: [], invalid: [] };
  const registers = [registry];
  const info = new Gauge({
    name: `${METRIC_PREFIX}policy_info`,
    help: 'Always 1; the hash of the policy in force, on which replicas must agree.',
    labelNames: ['hash'],
    registers,
  });
  const lastChange = new Gauge({
    name: `${METRIC_PREFIX}policy_last_change_timestamp_seconds`,
    help: 'When the policy in force was loaded.',
    registers,
  });
  const reloadFailures = new Counter({
    name: `${METRIC_PREFIX}policy_reload_failures_total`,
    help: 'Changes of the allowlists that could not be loaded; the last good ones stay in force.',
    registers,
  });
  new Gauge({
    name: `${METRIC_PREFIX}allowlists`,
    help: 'Allowlists by state: active, expired or invalid.',
    labelNames: ['state'],
    registers,
    collect() {
      const { allowlists, invalid } = inForce;
      const expired = allowlists.filter(({ spec }) => expiryOf(spec) <= Date.now()).length;
      this.set({ state: 'expired' }, expired);
      this.set({ state: 'invalid' }, invalid.length);
      this.set({ state: 'active' }, allowlists.length - expired - invalid.length);
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

/** The same for the same lists and settings, in whatever order the lists came. */
function hashPolicy(allowlists: readonly Allowlist[], settings: PolicySettings): string {
  const lists = allowlists.map((allowlist) => JSON.stringify(allowlist)).sort();
  return createHash('sha256')
    .update(JSON.stringify([settings, lists]))
    .digest('hex')
    .slice(0, 12);
}
