import type { Pod } from '../../harness/kubernetes-objects.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { ROLE_ANNOTATION } from './manifests.ts';
import type { WebhookCluster } from './webhook-cluster.ts';

/** The role of a pod that exists; undefined where it names none. */
export async function roleOf(
  { controlPlane: { client } }: WebhookCluster,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  const { metadata } = await client.send<Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
  return metadata.annotations?.[ROLE_ANNOTATION];
}

/** Waits for the first pod with the label `app`, and gives its role; undefined where it names none. */
export async function roleOfApp(
  { controlPlane: { client } }: WebhookCluster,
  namespace: string,
  app: string,
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`;
  const { metadata } = await waitFor(`a pod of ${app}`, async () => {
    const { items } = await client.send<{ items: readonly Pod[] }>('GET', path);
    return items[0];
  });
  return metadata.annotations?.[ROLE_ANNOTATION];
}
