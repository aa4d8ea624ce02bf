import { NAMESPACE, RELEASE, type WebhookCluster } from './webhook-cluster.ts';
import { scaleWebhook } from './webhook-rollout.ts';

/** Whether the webhook has replicas. */
export type WebhookState = 'up' | 'down';

/** What the API server says of a webhook under `failurePolicy: Fail` of which no replica is left. */
export function unreachable(webhook: 'validate-pods' | 'validate-bindings'): RegExp {
  return new RegExp(
    `Internal error occurred: failed calling webhook "${webhook}\\.eci-ram-role\\.io": failed to call webhook: Post "https://${RELEASE}\\.${NAMESPACE}\\.svc:443/${webhook}`,
  );
}

/** Brings the webhook into a state, in which it may be already; resolves when new requests find it so. */
export async function bringWebhook(cluster: WebhookCluster, state: WebhookState): Promise<void> {
  await scaleWebhook(cluster, state === 'up' ? 2 : 0);
}
