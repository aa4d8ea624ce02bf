import type { Pod } from '../../harness/kubernetes-objects.ts';
import { messageOf } from '../../harness/wait-for.ts';
import { ROLE_ANNOTATION } from './manifests.ts';
import type { Tenant } from './tenant.ts';

/** What became of a write; a refusal is a result. */
export type WriteResult = Readonly<{ isAccepted: boolean; message: string }>;

/** Who writes, and where. */
export type Writer = Pick<Tenant, 'client' | 'namespace'>;

/** The subresources of a pod that are written like it; none is the pod itself. */
export type PodPath = '' | '/status' | '/ephemeralcontainers' | '/resize';

/** A pod as it would be with another value of the annotation; null takes it away. */
export function withRole(pod: Pod, role: string | null): Pod {
  const { [ROLE_ANNOTATION]: _, ...others } = pod.metadata.annotations ?? {};
  const annotations = role === null ? others : { ...others, [ROLE_ANNOTATION]: role };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

/** Reads a pod, changes it and replaces it, or one of its subresources, by a PUT. */
export async function putPod(
  writer: Writer,
  name: string,
  path: PodPath,
  change: (pod: Pod) => object,
): Promise<WriteResult> {
  const pod = await writer.client.send<Pod>('GET', pathOf(writer, name, ''));
  return settle(writer.client.send('PUT', pathOf(writer, name, path), change(pod)));
}

/** Patches a pod or one of its subresources by a strategic merge patch. */
export function patchPod(writer: Writer, name: string, path: PodPath, patch: object): Promise<WriteResult> {
  const contentType = 'application/strategic-merge-patch+json';
  return settle(writer.client.send('PATCH', pathOf(writer, name, path), patch, contentType));
}

function pathOf({ namespace }: Writer, name: string, path: PodPath): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}${path}`;
}

async function settle(sending: Promise<unknown>): Promise<WriteResult> {
  try {
    await sending;
    return { isAccepted: true, message: '' };
  } catch (error) {
    return { isAccepted: false, message: messageOf(error) };
  }
}
