import { ROLE_ANNOTATION } from '../../admission/role-annotation.ts';
import type { Caller, PodRole } from '../../admission/route.ts';
import { type ApiClient, ApiError } from '../../kubernetes/client.ts';
import { podPath, readPodAnnotations } from '../../kubernetes/object.ts';
import { errorMessage } from '../../text/printable.ts';
import { failure, success } from '../../text/problem.ts';
import { createFairQueue, type FairQueueLimits } from './fair-queue.ts';

const LIMITS: FairQueueLimits = {
  places: 16,
  placesPerAddress: 4,
  firstPlaces: 16,
  maxWaiting: 500,
  maxWaitMs: 1_000,
};
const NOT_FOUND = 404;

const NO_SUCH_POD: PodRole = failure({ kind: 'no-such-pod', message: 'no pod can have this name' });

/**
 * Creates the function that reads the roles of pods from the API server. Anyone who reaches the port can ask, so the calls
 * under way are limited, shared by those that ask for the same pod, and taken in turn by the address of the caller. One
 * for which the API server has no answer holds its place until the timeout, so some places are kept free for other addresses.
 */
export function createPodRoles(
  client: Pick<ApiClient, 'call'>,
  limits = LIMITS,
): (namespace: string, name: string, caller: Caller) => Promise<PodRole> {
  const queue = createFairQueue((path) => readPodRole(client, path), limits);
  return async (namespace, name, caller) => {
    const path = podPath(namespace, name);
    return path === undefined ? NO_SUCH_POD : queue.ask(path, caller);
  };
}

async function readPodRole(client: Pick<ApiClient, 'call'>, path: string): Promise<PodRole> {
  try {
    return success((await readPodAnnotations(client, path)).get(ROLE_ANNOTATION));
  } catch (error) {
    const isMissing = error instanceof ApiError && error.status === NOT_FOUND;
    return failure({ kind: isMissing ? 'no-such-pod' : 'unreadable', message: errorMessage(error) });
  }
}
