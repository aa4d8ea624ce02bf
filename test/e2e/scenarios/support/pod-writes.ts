import type { ApiClient } from '../../harness/api-client.ts';
import type { Pod } from '../../harness/kubernetes-objects.ts';
import { messageOf } from '../../harness/wait-for.ts';
import { ROLE_ANNOTATION } from './manifests.ts';

/** What became of a write; a refusal is a result. */
export type WriteResult = Readonly<{ isAccepted: boolean; message: string }>;

/** The subresources of a pod that are written like it; none is the pod itself. */
export type PodPath = '' | '/status' | '/ephemeralcontainers' | '/resize';

const pathOf = (namespace: string, name: string, path: PodPath = '') =>
  `/api/v1/namespaces/${namespace}/pods/${name}${path}`;

/** A pod as it would be with another value of the annotation; null takes it away. */
export function withRole(pod: Pod, role: string | null): Pod {
  const { [ROLE_ANNOTATION]: _, ...others } = pod.metadata.annotations ?? {};
  const annotations = role === null ? others : { ...others, [ROLE_ANNOTATION]: role };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

/** Reads a pod, changes it and replaces it, or one of its subresources, by a PUT. */
export async function putPod(
  client: ApiClient,
  namespace: string,
  name: string,
  path: PodPath,
  change: (pod: Pod) => object,
): Promise<WriteResult> {
  const pod = await client.send<Pod>('GET', pathOf(namespace, name));
  return settle(client.send('PUT', pathOf(namespace, name, path), change(pod)));
}

/** Patches a pod or one of its subresources; a list is a JSON patch, an object a strategic merge patch. */
export function patchPod(
  client: ApiClient,
  namespace: string,
  name: string,
  path: PodPath,
  patch: object,
): Promise<WriteResult> {
  const contentType = Array.isArray(patch)
    ? 'application/json-patch+json'
    : 'application/strategic-merge-patch+json';
  return settle(client.send('PATCH', pathOf(namespace, name, path), patch, contentType));
}

async function settle(sending: Promise<unknown>): Promise<WriteResult> {
  try {
    await sending;
    return { isAccepted: true, message: '' };
  } catch (error) {
    return { isAccepted: false, message: messageOf(error) };
  }
}
