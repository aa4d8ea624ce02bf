import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, ApiError } from '../api-client.ts';
import type { Pod } from '../kubernetes-objects.ts';
import type { PodStatus } from '../pod-status.ts';

export type StatusWriter = {
  /** Notes that the status has changed; the newest is written soon, older ones may be left out. */
  changed(): void;
  /** Resolves when the newest status is written, or the pod is gone. */
  flush(): Promise<void>;
  /** Gives up what is not written yet. */
  stop(): void;
};

const retryMs = 200;

/**
 * Creates the writer of one pod's status, which retries for as long as the API server is away. The uid in each patch
 * keeps it from a later pod of the same name.
 */
export function createStatusWriter(client: ApiClient, pod: Pod, read: () => PodStatus): StatusWriter {
  const { name, namespace, uid } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
  let wanted = 0;
  let stopped = false;
  let writing: Promise<void> | undefined;

  async function writeNewest(): Promise<void> {
    let written = 0;
    while (written < wanted && !stopped) {
      const next = wanted;
      if (await write()) {
        written = next;
      } else {
        await delay(retryMs);
      }
    }
    writing = undefined;
  }

  /** False when it is to be tried again. */
  async function write(): Promise<boolean> {
    const patch = { metadata: { uid }, status: read() };
    try {
      await client.send('PATCH', path, patch, 'application/strategic-merge-patch+json');
      return true;
    } catch (error) {
      const isGone = error instanceof ApiError && (error.status === 404 || error.status === 409);
      if (error instanceof ApiError && !isGone) {
        console.error(`node agent: ${error.message}`);
      }
      return isGone;
    }
  }

  return {
    changed() {
      wanted += 1;
      writing ??= writeNewest();
    },
    flush: async () => writing,
    stop() {
      stopped = true;
    },
  };
}
