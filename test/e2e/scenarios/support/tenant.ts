import { type ApiClient, createApiClient } from '../../harness/api-client.ts';
import type { WebhookCluster } from './webhook-cluster.ts';

/** Gives the user `dev` every right that a namespace has to give, and returns a client that acts as `dev`. */
export async function createTenant(cluster: WebhookCluster, namespace: string): Promise<ApiClient> {
  const { apiServerUrl, authority, users } = cluster.controlPlane;
  await cluster.kubectl([
    ...['create', 'rolebinding', 'dev-owns-all', '-n', namespace],
    ...['--clusterrole=cluster-admin', '--user=dev'],
  ]);
  return createApiClient({
    serverUrl: apiServerUrl,
    caCertificate: authority.certificate,
    token: users.dev.token,
  });
}
