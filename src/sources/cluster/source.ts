import type { Logger } from 'pino';
import type { ApiClient } from '../../kubernetes/client.ts';
import type { StatusEntry } from '../../kubernetes/ready-condition.ts';
import { createStatusWriter } from '../../kubernetes/status-writer.ts';
import { findConflicts } from '../../policy/conflicts.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { assessReadyCondition } from '../../policy/ready-condition.ts';
import type { Snapshot } from '../source.ts';
import { runTimeSliced } from '../time-slice.ts';
import { createAllowlistCache } from './allowlist-cache.ts';
import { createExpiryTimer } from './expiry-timer.ts';
import { createNamespaceCache } from './namespace-cache.ts';

/** A pod can arrive before the news of its namespace; the API server waits for us a second at the least. */
const NAMESPACE_WAIT_MS = 300;

export type ClusterSourceOptions = WatchOptions &
  Readonly<{
    /** The policy in force, for what a status says of its lists. */
    getPolicy: () => Policy;
    logger: Logger;
  }>;

/** Allowlists that are objects of the cluster, and the labels of its namespaces. */
export type ClusterSource = Readonly<{
  /** Resolves to the first snapshot, when all lists and namespaces have been read. */
  first: Promise<Snapshot>;
  /** Tells of later ones. */
  watch: (onSnapshot: (snapshot: Snapshot) => void) => void;
  /** The labels of a namespace; undefined where it does not become known in time. */
  labelsOf: (namespace: string) => Labels | Promise<Labels | undefined>;
  /** All namespaces and their labels, as they are known now. */
  namespaces: ReadonlyMap<string, Labels>;
  close: () => void;
}>;

/** Starts to read, and to write what became of each list into its status. */
export function startClusterSource(options: ClusterSourceOptions): ClusterSource {
  const { client, getPolicy, logger } = options;
  let listener: ((snapshot: Snapshot) => void) | undefined;
  const statusWriter = createStatusWriter(client, assess, logger);
  const namespaces = createNamespaceCache(options, statusWriter.request);
  const expiryTimer = createExpiryTimer(statusWriter.request);
  const lists = createAllowlistCache(options, {
    onChange: () => {
      listener?.(snapshot());
      statusWriter.request();
    },
    onStatusLost: statusWriter.request,
  });

  function snapshot(): Snapshot {
    const cached = [...lists.allowlists.values()];
    return {
      allowlists: cached.map(({ allowlist }) => allowlist),
      invalid: cached.filter(({ problems }) => problems.length > 0).map(({ allowlist }) => allowlist.name),
    };
  }

  async function assess(): Promise<readonly StatusEntry[]> {
    const conflicts = await runTimeSliced(findConflicts(getPolicy(), namespaces.labels, Date.now()));
    const { isProtectedRole } = getPolicy();
    const all = [...lists.allowlists.values()];
    expiryTimer.set(all.map(({ allowlist }) => allowlist));
    return all.map((cached) => ({
      name: cached.allowlist.name,
      uid: cached.uid,
      generation: cached.generation,
      condition: cached.condition,
      readiness: assessReadyCondition(
        cached,
        isProtectedRole,
        conflicts.get(cached.allowlist.name),
        Date.now(),
      ),
    }));
  }

  return {
    first: Promise.all([lists.synced, namespaces.synced]).then(() => {
      statusWriter.request();
      return snapshot();
    }),
    watch: (onSnapshot) => {
      listener = onSnapshot;
    },
    labelsOf: (namespace) =>
      namespaces.labels.get(namespace) ?? namespaces.waitFor(namespace, NAMESPACE_WAIT_MS),
    namespaces: namespaces.labels,
    close: () => {
      statusWriter.close();
      expiryTimer.close();
      lists.close();
      namespaces.close();
    },
  };
}

/** Who is told how the watches of the API server fare. */
export type WatchObserver = Readonly<{
  /** The API server was heard of. */
  onHeartbeat: () => void;
  /** A list or watch had to be begun anew; the reason is one of a fixed set of words. */
  onRestart: (reason: string, message: string) => void;
}>;

/** What every watch of a source shares. */
export type WatchOptions = Readonly<{
  client: ApiClient;
  observer: WatchObserver;
  /** How long a watch may say nothing, in milliseconds; the reflector's own where left out. */
  idleTimeoutMs?: number;
}>;
