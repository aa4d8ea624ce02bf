import { type ApiClient, createApiClient } from '../../harness/api-client.ts';
import type { Pod } from '../../harness/kubernetes-objects.ts';
import type { WriteResult } from './pod-writes.ts';
import type { WebhookCluster } from './webhook-cluster.ts';

/** Somebody who has every right that one namespace has to give, and none beyond it. */
export type Tenant = Readonly<{
  namespace: string;
  client: ApiClient;
  readPod: (name: string) => Promise<Pod>;
  /** Runs kubectl in the namespace, with an object as its standard input where there is one. */
  kubectl: (args: readonly string[], object?: object) => Promise<WriteResult>;
}>;

/** Gives the user `dev` all rights in a namespace. */
export async function createTenant(cluster: WebhookCluster, namespace: string): Promise<Tenant> {
  const { apiServerUrl, authority, users } = cluster.controlPlane;
  await cluster.kubectl([
    ...['create', 'rolebinding', 'dev-owns-all', '-n', namespace],
    ...['--clusterrole=cluster-admin', '--user=dev'],
  ]);
  const client = createApiClient({
    serverUrl: apiServerUrl,
    caCertificate: authority.certificate,
    token: users.dev.token,
  });
  return {
    namespace,
    client,
    readPod: (name) => client.send('GET', `/api/v1/namespaces/${namespace}/pods/${name}`),
    kubectl: async (args, object) => {
      const { code, stderr } = await cluster.controlPlane.kubectl(['-n', namespace, ...args], {
        as: 'dev',
        input: JSON.stringify(object ?? ''),
      });
      return { isAccepted: code === 0, message: stderr };
    },
  };
}
