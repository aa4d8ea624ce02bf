import { readAuditLog } from './audit-log.ts';
import { listAllNames } from './list-objects.ts';
import { listReplicas } from './replicas.ts';
import { restoreCluster } from './restore-cluster.ts';
import { NAMESPACE, RELEASE, startWebhookCluster, type WebhookCluster } from './webhook-cluster.ts';
import { scaleWebhook } from './webhook-rollout.ts';

let isShared = false;
/** The cluster, and the values that the chart is installed with, unless a scenario has installed others. */
let shared: { cluster: WebhookCluster; values: string | undefined } | undefined;

/** Lets the scenarios of this process, which run one after another, have one cluster: see acquireCluster. */
export function shareCluster(): void {
  isShared = true;
}

/** Stops the cluster that was shared, if there is one. */
export async function stopSharedCluster(): Promise<void> {
  const cluster = shared?.cluster;
  shared = undefined;
  await cluster?.stop();
}

/**
 * A cluster with the chart installed with these values, and nothing else in it. Where it is shared, `stop` takes away what
 * the scenario has made and gives the webhook its replicas back; otherwise it is the scenario's own.
 */
export async function acquireCluster(values: object = {}): Promise<WebhookCluster> {
  if (!isShared) {
    return startWebhookCluster(values);
  }
  const wanted = JSON.stringify(values);
  shared ??= { cluster: await startWebhookCluster(values), values: wanted };
  const { cluster } = shared;
  if (shared.values !== wanted) {
    await cluster.install(values);
    shared.values = wanted;
  }
  const replicas = await countReplicas(cluster);
  const namesBefore = new Set(await listAllNames(cluster.controlPlane.client));
  return {
    ...cluster,
    earlier: await readRecords(cluster),
    install(others) {
      forgetValues();
      return cluster.install(others);
    },
    helm(...args) {
      forgetValues();
      return cluster.helm(...args);
    },
    async stop() {
      try {
        if (shared?.values === wanted && (await countReplicas(cluster)) !== replicas) {
          await scaleWebhook(cluster, replicas);
        }
        await restoreCluster(cluster.controlPlane.client, namesBefore);
      } catch (error) {
        // The next scenario gets a new one.
        await stopSharedCluster();
        throw error;
      }
    },
  };
}

function forgetValues(): void {
  if (shared !== undefined) {
    shared.values = undefined;
  }
}

async function countReplicas({ controlPlane: { client } }: WebhookCluster): Promise<number> {
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${RELEASE}`;
  return (await client.send<{ spec: { replicas: number } }>('GET', path)).spec.replicas;
}

async function readRecords(cluster: WebhookCluster): Promise<NonNullable<WebhookCluster['earlier']>> {
  const replicas = await listReplicas(cluster);
  const records = await Promise.all(
    replicas.map(
      async ({ name, log, probe }) =>
        [name, { logLines: log().length, metrics: await probe('/metrics') }] as const,
    ),
  );
  return { auditEvents: readAuditLog(cluster).length, replicas: new Map(records) };
}
