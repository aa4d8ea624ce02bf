import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Settle } from '../../admission/route.ts';
import type { ApiClient } from '../../kubernetes/client.ts';
import type { RestartReason } from '../../kubernetes/reflector.ts';
import { createStatusWriter, type StatusAssessment } from '../../kubernetes/status-writer.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import type { BoundSettings } from '../../policy/share.ts';
import type { AllowlistSource, SourceChanges } from '../source.ts';
import { runTimeSliced } from '../time-slice.ts';
import { createAllowlistCache } from './allowlist-cache.ts';
import { startCrdCheck } from './crd-check.ts';
import { createNamespaceCache } from './namespace-cache.ts';
import { createPodRoles } from './pod-roles.ts';
import {
  assessStatuses,
  createBoundReport,
  createExpiryTimer,
  createHeldReport,
  createWatchReport,
} from './report.ts';
import { createWaits } from './waits.ts';

/** The watches of the API server. Alerts depend on these words. */
export const WATCHES = ['allowlists', 'namespaces'] as const;
export type WatchName = (typeof WATCHES)[number];

/** Receives reports on the watches of the API server. */
export type WatchObserver = Readonly<{
  /** The API server has answered a watch, or sent it an event. */
  recordContact: (watch: WatchName) => void;
  countRestart: (watch: WatchName, reason: RestartReason) => void;
  recordSynced: () => void;
  /** Whether the cluster's CustomResourceDefinition is older than this server's schema. */
  recordCrdOutdated: (isOutdated: boolean) => void;
  /** The number of allowlists that stay in force although their CustomResourceDefinition was deleted. */
  recordHeld: (count: number) => void;
}>;

export type ClusterSourceOptions = Readonly<{
  client: ApiClient;
  observer: WatchObserver;
  logger: Logger;
  bounds: BoundSettings;
  /** How long a watch may be without an event, in milliseconds; by default that of the reflector. */
  idleTimeoutMs?: number;
  /** How long a request may wait for an event, in milliseconds. */
  waitMs?: number;
}>;

/** Watches the allowlists of the cluster and keeps their status up to date. */
export function startClusterSource({
  client,
  observer,
  logger,
  bounds,
  idleTimeoutMs,
  waitMs,
}: ClusterSourceOptions): AllowlistSource {
  const watches = createWatchReport(observer, logger);
  const watchOptions = { client, ...(idleTimeoutMs !== undefined && { idleTimeoutMs }) };
  let policy: Policy | undefined;
  let listener: ((changes: SourceChanges) => void) | undefined;
  const statusWriter = createStatusWriter(client, assess, logger);
  const crdCheck = startCrdCheck(client, observer.recordCrdOutdated, logger);
  const waits = createWaits(waitMs);
  const namespaces = createNamespaceCache(
    { ...watchOptions, ...watches.follow('namespaces') },
    (namespace) => {
      statusWriter.request();
      waits.wake(namespace);
    },
  );
  const expiryTimer = createExpiryTimer(statusWriter.request);
  const held = createHeldReport(observer.recordHeld, logger);
  const allowlistWatch = { ...watchOptions, ...watches.follow('allowlists') };
  const cache = createAllowlistCache(allowlistWatch, bounds, crdCheck.read, {
    onHeld: held.report,
    onChanges: (changes) => {
      listener?.(changes);
      waits.wake();
    },
    onStatusLost: statusWriter.request,
  });
  const reportBounds = createBoundReport(cache.ledgers, logger);

  async function assess(): Promise<StatusAssessment> {
    if (policy === undefined) {
      return { stale: [], uids: new Set() };
    }
    reportBounds();
    const assessment = await runTimeSliced(assessStatuses(cache, policy, namespaces.labels, Date.now()));
    expiryTimer.set(assessment.nextExpiry);
    return assessment;
  }

  /**
   * A denial is worth a wait each time. Most pods have no default to wait for, so they wait only if one is likely to come, and
   * otherwise for the events that have arrived already.
   */
  const settle: Settle = async (namespace, first, decide) => {
    let last = first;
    if (!namespaces.labels.has(namespace)) {
      // The request has already waited for its namespace.
      return first;
    }
    if (first.awaits === 'default') {
      await nextTurn();
      if (!cache.hasNews() && !namespaces.isNew(namespace)) {
        return first;
      }
      last = await decide();
    }
    if (last.awaits === undefined || cache.isAway()) {
      return last;
    }
    const isSettled = async () => {
      last = await decide();
      return last.awaits === undefined;
    };
    await waits.waitUntil(namespace, isSettled);
    return last;
  };

  async function waitForLabels(namespace: string): Promise<Labels | undefined> {
    if (!namespaces.isAway()) {
      await waits.waitUntil(namespace, () => namespaces.labels.has(namespace));
    }
    return namespaces.labels.get(namespace);
  }

  return {
    first: Promise.all([cache.synced, namespaces.synced, crdCheck.usable]).then(() => {
      observer.recordSynced();
      return cache.all();
    }),
    watch: (onChanges) => {
      listener = onChanges;
    },
    findExceededBound: cache.findExceededBound,
    report: (inForce) => {
      policy = inForce;
      statusWriter.request();
    },
    getNamespaceLabels: (namespace) => namespaces.labels.get(namespace) ?? waitForLabels(namespace),
    getNamespaces: () => namespaces.labels,
    getPodRole: createPodRoles(client),
    settle,
    notes: () => [...crdCheck.notes(), ...held.notes(), ...watches.notes()],
    endReports: statusWriter.close,
    close: () => {
      statusWriter.close();
      crdCheck.close();
      expiryTimer.close();
      cache.close();
      namespaces.close();
    },
  };
}
