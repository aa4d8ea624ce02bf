import { createHash } from 'node:crypto';
import type { Registry } from 'prom-client';
import { RESTART_REASONS } from '../kubernetes/reflector.ts';
import type { Policy } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { WATCHES, type WatchName, type WatchObserver } from '../sources/cluster/source.ts';
import type { DeniedState } from '../sources/source.ts';
import { counter, gauge } from './metrics.ts';

/** The metrics of the policy in force. */
export type PolicyMetrics = Readonly<{
  /** Follows the policy in force; `denied` has the allowlists that only deny. */
  observePolicy: (policy: Policy, denied: ReadonlyMap<string, DeniedState>) => void;
  /** An allowlist was replaced by its changed form; undefined stands for none. */
  recordChange: (before: Allowlist | undefined, after: Allowlist | undefined) => void;
  countReloadFailure: () => void;
  /** The allowlists could be loaded, or need not be. */
  recordReload: () => void;
}>;

export function createPolicyMetrics(registry: Registry): PolicyMetrics {
  const hash = createSetHash();
  let observed: Readonly<{ policy: Policy; denied: ReadonlyMap<string, DeniedState> }> | undefined;
  const info = gauge(
    registry,
    'policy_info',
    'Always 1; the hash of the policy in force, on which replicas must agree.',
    {
      labels: ['hash'],
      collect: () => {
        if (observed !== undefined) {
          info.reset();
          info.set({ hash: hash.withText(JSON.stringify(observed.policy.settings)) }, 1);
        }
      },
    },
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
  const lastReload = gauge(
    registry,
    'policy_last_reload_successful',
    '1 if the allowlists could be loaded as they are now, 0 while the last good ones stay in force.',
  );
  lastReload.set(1);
  const expiry = gauge(
    registry,
    'allowlist_expiry_timestamp_seconds',
    `When an allowlist expires, for the next ${MAX_EXPIRING} that will.`,
    {
      labels: ['allowlist'],
      collect: () => {
        expiry.reset();
        for (const { name, expiresAt } of nextToExpire(observed?.policy.allowlists.values() ?? [])) {
          expiry.set({ allowlist: name }, expiresAt / 1000);
        }
      },
    },
  );
  const count = gauge(
    registry,
    'allowlists',
    'Allowlists by state: active, expired, invalid or over-bound.',
    {
      labels: ['state'],
      collect: () => {
        const { allowlists = new Map() } = observed?.policy ?? {};
        const states = [...(observed?.denied.values() ?? [])];
        const invalid = states.filter((state) => state === 'invalid').length;
        const expired = countExpired(allowlists.values());
        count.set({ state: 'expired' }, expired);
        count.set({ state: 'invalid' }, invalid);
        count.set({ state: 'over-bound' }, states.length - invalid);
        count.set({ state: 'active' }, allowlists.size - expired - states.length);
      },
    },
  );

  return {
    observePolicy: (policy, denied) => {
      observed = { policy, denied };
    },
    recordChange: (before, after) => {
      for (const allowlist of [before, after]) {
        if (allowlist !== undefined) {
          hash.toggle(JSON.stringify([allowlist.name, allowlist.spec]));
        }
      }
      lastChange.set(Date.now() / 1000);
    },
    countReloadFailure: () => {
      reloadFailures.inc();
      lastReload.set(0);
    },
    recordReload: () => lastReload.set(1),
  };
}

/** The most allowlists whose expiry is shown, so that their authors cannot fill a time series database. */
const MAX_EXPIRING = 100;

type Expiring = Readonly<{ name: string; expiresAt: number }>;

function nextToExpire(allowlists: Iterable<Expiring>): readonly Expiring[] {
  const now = Date.now();
  const expiring: Expiring[] = [];
  for (const { name, expiresAt } of allowlists) {
    if (expiresAt > now && Number.isFinite(expiresAt)) {
      expiring.push({ name, expiresAt });
    }
  }
  return expiring.sort((a, b) => a.expiresAt - b.expiresAt).slice(0, MAX_EXPIRING);
}

function countExpired(allowlists: Iterable<Readonly<{ expiresAt: number }>>): number {
  const now = Date.now();
  let expired = 0;
  for (const { expiresAt } of allowlists) {
    expired += expiresAt <= now ? 1 : 0;
  }
  return expired;
}

const HASH_CHARACTERS = 12;

/** A hash of a set of texts that depends on no order, and that one text changes at the cost of that text. */
function createSetHash() {
  let sum = 0n;
  return {
    /** Adds a text, or removes it if it was added before. */
    toggle: (text: string) => {
      sum ^= BigInt(`0x${createHash('sha256').update(text).digest('hex')}`);
    },
    /** The hash of the set and one more text. */
    withText: (text: string) =>
      createHash('sha256').update(`${text} ${sum}`).digest('hex').slice(0, HASH_CHARACTERS),
  };
}

/** Creates the metrics of the watches of the API server. */
export function createWatchMetrics(registry: Registry): WatchObserver {
  const lastContact = gauge(
    registry,
    'watch_last_contact_timestamp_seconds',
    'When the API server last answered or sent an event, by watch; before its first answer, when the watch began.',
    { labels: ['watch'] },
  );
  const restarts = counter(
    registry,
    'watch_restarts_total',
    'List and watch restarts, by watch and reason.',
    {
      labels: ['watch', 'reason'],
      series: WATCHES.flatMap((watch) => RESTART_REASONS.map((reason) => ({ watch, reason }))),
    },
  );
  const synced = gauge(registry, 'watch_synced', '1 when all allowlists and namespaces have been read.');
  const crdOutdated = gauge(
    registry,
    'crd_outdated',
    '1 if the CustomResourceDefinition in the cluster is older than this server.',
  );
  const held = gauge(
    registry,
    'held_allowlists',
    'Allowlists that stay in force although their CustomResourceDefinition was deleted.',
  );
  const recordContact = (watch: WatchName) => lastContact.set({ watch }, Date.now() / 1000);
  for (const watch of WATCHES) {
    recordContact(watch);
  }

  return {
    recordContact,
    countRestart: (watch, reason) => restarts.inc({ watch, reason }),
    recordSynced: () => synced.set(1),
    recordCrdOutdated: (isOutdated) => crdOutdated.set(isOutdated ? 1 : 0),
    recordHeld: (count) => held.set(count),
  };
}
