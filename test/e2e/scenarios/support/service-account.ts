import { type ApiClient, createApiClient } from '../../harness/api-client.ts';
import type { ControlPlane } from '../../harness/control-plane.ts';
import { NAMESPACE, RELEASE } from './webhook-cluster.ts';

/** A client that acts as the server does: with a token of the chart's own ServiceAccount. */
export async function createServerClient(controlPlane: ControlPlane): Promise<ApiClient> {
  const { apiServerUrl, authority, client } = controlPlane;
  const { status } = await client.send<{ status: { token: string } }>(
    'POST',
    `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${RELEASE}/token`,
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } },
  );
  return createApiClient({
    serverUrl: apiServerUrl,
    caCertificate: authority.certificate,
    token: status.token,
  });
}
