import type { Logger } from 'pino';
import type { ApiClient } from '../../kubernetes/client.ts';
import type { StatusEntry } from '../../kubernetes/ready-condition.ts';
import { createStatusWriter } from '../../kubernetes/status-writer.ts';
import { findConflicts } from '../../policy/conflicts.ts';
import type { Policy } from '../../policy/policy.ts';
import { assessReadyCondition } from '../../policy/ready-condition.ts';
import type { AllowlistSource, Snapshot } from '../source.ts';
import { runTimeSliced } from '../time-slice.ts';
import { createAllowlistCache } from './allowlist-cache.ts';
import { startCrdCheck } from './crd-check.ts';
import { createExpiryTimer } from './expiry-timer.ts';
import { createNamespaceCache } from './namespace-cache.ts';
import { createPodRoles } from './pod-roles.ts';

/** A pod can arrive before the event of its namespace; the API server waits for an answer at least one second. */
const NAMESPACE_WAIT_MS = 300;

/** Receives reports on the watches of the API server. */
export type WatchObserver = Readonly<{
  recordHeartbeat: () => void;
  /** The reason is one of a fixed set of words. */
  countRestart: (reason: string) => void;
  recordSynced: () => void;
  /** Whether the cluster's CustomResourceDefinition is older than this server's schema. */
  recordCrdOutdated: (isOutdated: boolean) => void;
}>;

export type ClusterSourceOptions = Readonly<{
  client: ApiClient;
  observer: WatchObserver;
  logger: Logger;
  /** How long a watch may be without an event, in milliseconds; by default that of the reflector. */
  idleTimeoutMs?: number;
}>;

/** Watches the allowlists of the cluster and keeps their status up to date. */
export function startClusterSource({
  client,
  observer,
  logger,
  idleTimeoutMs,
}: ClusterSourceOptions): AllowlistSource {
  const watchOptions = {
    client,
    onHeartbeat: observer.recordHeartbeat,
    onRestart: (reason: string, problem: string) => {
      observer.countRestart(reason);
      logger.warn({ reason, problem }, 'watch restarted');
    },
    ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
  };
  let policy: Policy | undefined;
  let listener: ((snapshot: Snapshot) => void) | undefined;
  const statusWriter = createStatusWriter(client, assess, logger);
  const crdCheck = startCrdCheck(client, observer.recordCrdOutdated, logger);
  const namespaces = createNamespaceCache(watchOptions, statusWriter.request);
  const expiryTimer = createExpiryTimer(statusWriter.request);
  const cache = createAllowlistCache(watchOptions, {
    onChange: () => listener?.(snapshot()),
    onStatusLost: statusWriter.request,
  });

  function snapshot(): Snapshot {
    const cached = [...cache.allowlists.values()];
    return {
      allowlists: cached.map(({ allowlist }) => allowlist),
      invalid: cached.filter(({ problems }) => problems.length > 0).map(({ allowlist }) => allowlist.name),
    };
  }

  async function assess(): Promise<readonly StatusEntry[]> {
    if (policy === undefined) {
      return [];
    }
    const { isProtectedRole } = policy;
    const conflicts = await runTimeSliced(findConflicts(policy, namespaces.labels, Date.now()));
    const all = [...cache.allowlists.values()];
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
    first: Promise.all([cache.synced, namespaces.synced]).then(() => {
      observer.recordSynced();
      return snapshot();
    }),
    watch: (onSnapshot) => {
      listener = onSnapshot;
    },
    report: (inForce) => {
      policy = inForce;
      statusWriter.request();
    },
    getNamespaceLabels: (namespace) =>
      namespaces.labels.get(namespace) ?? namespaces.waitFor(namespace, NAMESPACE_WAIT_MS),
    getNamespaces: () => namespaces.labels,
    getPodRole: createPodRoles(client),
    notes: crdCheck.notes,
    close: () => {
      statusWriter.close();
      crdCheck.close();
      expiryTimer.close();
      cache.close();
      namespaces.close();
    },
  };
}
