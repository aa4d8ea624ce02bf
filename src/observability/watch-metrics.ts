import type { Registry } from 'prom-client';
import type { WatchObserver } from '../sources/cluster/source.ts';
import { counter, gauge } from './metrics.ts';

/** Creates the metrics of the watches of the API server. */
export function createWatchMetrics(registry: Registry): WatchObserver {
  const lastContact = gauge(
    registry,
    'watch_last_contact_timestamp_seconds',
    'When the API server last answered or sent an event.',
  );
  const restarts = counter(registry, 'watch_restarts_total', 'List and watch restarts, by reason.', {
    labels: ['reason'],
  });
  const synced = gauge(registry, 'watch_synced', '1 when all allowlists and namespaces have been read.');
  const crdOutdated = gauge(
    registry,
    'crd_outdated',
    '1 if the CustomResourceDefinition in the cluster is older than this server.',
  );

  return {
    recordHeartbeat: () => lastContact.set(Date.now() / 1000),
    countRestart: (reason) => restarts.inc({ reason }),
    recordSynced: () => synced.set(1),
    recordCrdOutdated: (isOutdated) => crdOutdated.set(isOutdated ? 1 : 0),
  };
}
