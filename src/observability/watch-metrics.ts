import { Counter, Gauge, type Registry } from 'prom-client';
import { METRIC_PREFIX } from './metric-prefix.ts';

/** What is shown of the watches of the API server. */
export type WatchMetrics = Readonly<{
  recordHeartbeat: () => void;
  /** The reason is one of a fixed set of words. */
  countRestart: (reason: string) => void;
  recordSynced: () => void;
  /** Whether the cluster's CRD is older than this server's schema. */
  recordCrdOutdated: (isOutdated: boolean) => void;
}>;

export function createWatchMetrics(registry: Registry): WatchMetrics {
  const registers = [registry];
  const lastContact = new Gauge({
    name: `${METRIC_PREFIX}watch_last_contact_timestamp_seconds`,
    help: 'When the API server was last heard of.',
    registers,
  });
  const restarts = new Counter({
    name: `${METRIC_PREFIX}watch_restarts_total`,
    help: 'Lists and watches that had to be begun anew, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const synced = new Gauge({
    name: `${METRIC_PREFIX}watch_synced`,
    help: '1 once all allowlists and namespaces have been read.',
    registers,
  });
  const crdOutdated = new Gauge({
    name: `${METRIC_PREFIX}crd_outdated`,
    help: '1 where the CustomResourceDefinition in the cluster is older than this server.',
    registers,
  });

  return {
    recordHeartbeat: () => lastContact.set(Date.now() / 1000),
    countRestart: (reason) => restarts.inc({ reason }),
    recordSynced: () => synced.set(1),
    recordCrdOutdated: (isOutdated) => crdOutdated.set(isOutdated ? 1 : 0),
  };
}
