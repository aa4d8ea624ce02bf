import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, ApiError } from '../api-client.ts';
import type { Pod } from '../kubernetes-objects.ts';

const retryMs = 200;

/**
 * Removes a pod whose containers have ended, which is what the API server waits for. Tries for as long as the API
 * server is away and the pod is not gone; the uid keeps it from a later pod of the same name.
 */
export async function deletePod(client: ApiClient, pod: Pod, isGone: () => boolean): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } };
  while (!isGone()) {
    try {
      await client.send('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, body);
      return;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 409)) {
        return;
      }
      if (error instanceof ApiError) {
        console.error(`node agent: ${error.message}`);
      }
      await delay(retryMs);
    }
  }
}
