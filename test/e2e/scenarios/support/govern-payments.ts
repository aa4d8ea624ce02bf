import { allowlist, namespace } from './manifests.ts';
import type { WebhookCluster } from './webhook-cluster.ts';

/** Makes namespace `payments`, and a list that allows its pods role `reader` and no other; resolves once that is in force. */
export async function governPayments(cluster: WebhookCluster): Promise<void> {
  await cluster.apply([
    namespace('payments'),
    allowlist('payments', { namespaces: ['payments'], roles: ['reader'] }),
  ]);
  await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
}
