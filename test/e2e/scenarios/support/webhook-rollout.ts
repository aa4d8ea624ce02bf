import { waitFor } from '../../harness/wait-for.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './webhook-cluster.ts';

const DEPLOYMENT = [`deployment/${RELEASE}`, '-n', NAMESPACE];

/** Resolves once every replica of the webhook is of its latest template and available. */
export async function untilRolledOut(cluster: WebhookCluster): Promise<void> {
  await cluster.kubectl(['rollout', 'status', ...DEPLOYMENT, '--timeout=60s']);
}

/** Replaces every replica of the webhook, one after another. */
export async function restartWebhook(cluster: WebhookCluster): Promise<void> {
  await cluster.kubectl(['rollout', 'restart', ...DEPLOYMENT]);
  await untilRolledOut(cluster);
}

/** Gives the webhook so many replicas; resolves once they are available, or, of none, once no pod is left. */
export async function scaleWebhook(cluster: WebhookCluster, replicas: number): Promise<void> {
  await cluster.kubectl(['scale', ...DEPLOYMENT, `--replicas=${replicas}`]);
  if (replicas > 0) {
    await untilRolledOut(cluster);
    return;
  }
  await waitFor(
    'no pod of the webhook',
    async () => (await cluster.kubectl(['get', 'pods', '-n', NAMESPACE])) === '',
  );
}
