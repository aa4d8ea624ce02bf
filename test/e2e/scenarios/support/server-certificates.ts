import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ApiClient } from '../../harness/api-client.ts';
import type { Pod } from '../../harness/kubernetes-objects.ts';
import { NAMESPACE, RELEASE } from './webhook-cluster.ts';

const SERVER_NAME = `${RELEASE}.${NAMESPACE}.svc`;
const SECURE_PORT = 10_250;
const SERVER_PODS = `app.kubernetes.io/instance=${RELEASE},app.kubernetes.io/component=webhook`;
const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;

type WebhookConfiguration = Readonly<{ webhooks: readonly { clientConfig: { caBundle?: string } }[] }>;

/** The pods of the server that are not being deleted. */
export async function serverPods(client: ApiClient): Promise<readonly Pod[]> {
  const query = new URLSearchParams({ labelSelector: SERVER_PODS });
  const { items } = await client.send<{ items: readonly Pod[] }>(
    'GET',
    `/api/v1/namespaces/${NAMESPACE}/pods?${query}`,
  );
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** The PEM by which the API server verifies each webhook; empty where there is none. */
export async function publishedBundles(client: ApiClient): Promise<readonly string[]> {
  const configurations = await Promise.all(
    CONFIGURATIONS.map((kind) =>
      client.send<WebhookConfiguration>('GET', `/apis/admissionregistration.k8s.io/v1/${kind}/${RELEASE}`),
    ),
  );
  return configurations.flatMap(({ webhooks }) =>
    webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString()),
  );
}

/**
 * What each replica serves, as a fingerprint: verified as the API server does, by the name of the Service and the bundle.
 * Throws where a replica cannot be reached or verified.
 */
export async function servedCertificates(client: ApiClient, bundle: string): Promise<readonly string[]> {
  const pods = await serverPods(client);
  return Promise.all(pods.map(({ status }) => fingerprintAt(status?.podIP ?? '', bundle)));
}

async function fingerprintAt(host: string, bundle: string): Promise<string> {
  const socket = connect({ host, port: SECURE_PORT, servername: SERVER_NAME, ca: bundle });
  try {
    await once(socket, 'secureConnect');
    return fingerprint(socket.getPeerCertificate().raw);
  } finally {
    socket.destroy();
  }
}

/** The SHA-256 of a certificate in DER. */
export function fingerprint(certificate: Buffer): string {
  return createHash('sha256').update(certificate).digest('hex');
}
