import { setTimeout as delay } from 'node:timers/promises';
import type { Pod } from '../kubernetes-objects.ts';
import { messageOf } from '../wait-for.ts';
import type { PodVolumes } from './pod-volumes.ts';

const retryMs = 200;

/** Fills the volumes before the first container starts; tries for as long as something that they need is missing. */
export async function mountVolumes(volumes: PodVolumes, pod: Pod, isOver: () => boolean): Promise<void> {
  let told = '';
  while (!isOver()) {
    try {
      await volumes.refresh();
      return;
    } catch (error) {
      const message = `pod ${pod.metadata.namespace}/${pod.metadata.name}: ${messageOf(error)}`;
      if (message !== told) {
        console.error(`node agent: ${message}`);
        told = message;
      }
      await delay(retryMs);
    }
  }
}
