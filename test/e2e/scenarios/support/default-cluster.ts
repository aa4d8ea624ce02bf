import { readAuditLog } from './audit-log.ts';
import { listAllObjects } from './list-objects.ts';
import { listReplicas } from './replicas.ts';
import { restoreCluster } from './restore-cluster.ts';
import { startWebhookCluster, type WebhookCluster } from './webhook-cluster.ts';

type SharedCluster = Readonly<{
  cluster: WebhookCluster;
  /** What there was once the chart was installed. */
  objects: ReadonlySet<string>;
}>;

let isShared = false;
let shared: Promise<SharedCluster> | undefined;

/** Lets the scenarios of this process, which run one after another, have one cluster: see startDefaultCluster. */
export function shareDefaultCluster(): void {
  isShared = true;
}

/** Stops the cluster that was shared, if any scenario asked for it. */
export async function stopSharedCluster(): Promise<void> {
  await (await shared)?.cluster.stop();
}

/**
 * A cluster with the chart installed as it is by default, and nothing else in it. Where it is shared, `stop` takes away
 * what the scenario has made and brings the webhook up again; it throws if that fails. Otherwise it is the scenario's own.
 */
export async function startDefaultCluster(): Promise<WebhookCluster> {
  if (!isShared) {
    return startWebhookCluster();
  }
  shared ??= startSharedCluster();
  const { cluster, objects } = await shared;
  return {
    ...cluster,
    earlier: await readLogs(cluster),
    stop: () => restoreCluster(cluster, objects),
  };
}

async function startSharedCluster(): Promise<SharedCluster> {
  const cluster = await startWebhookCluster();
  return { cluster, objects: new Set(await listAllObjects(cluster.controlPlane.client)) };
}

async function readLogs(cluster: WebhookCluster): Promise<NonNullable<WebhookCluster['earlier']>> {
  const replicas = await listReplicas(cluster);
  return {
    auditEvents: readAuditLog(cluster).length,
    logLines: new Map(replicas.map(({ name, log }) => [name, log().length])),
  };
}
