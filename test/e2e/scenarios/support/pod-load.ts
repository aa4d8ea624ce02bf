import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, createApiClient } from '../../harness/api-client.ts';
import type { ControlPlane } from '../../harness/control-plane.ts';
import { messageOf, waitFor } from '../../harness/wait-for.ts';
import { podTemplate } from './manifests.ts';

/** What the API server has answered so far. */
export type LoadResult = Readonly<{
  created: number;
  /** What each refusal said. */
  refusals: readonly string[];
  /** Why there was no answer at all; counted as no refusal. */
  unanswered: readonly string[];
  longestMs: number;
}>;

/** Pods that are being created, one after another on each of several connections; a scope that declares it stops it. */
export type PodLoad = Readonly<{
  result: () => LoadResult;
  /** Waits until so many more pods than now have been created. */
  untilMore: (count: number) => Promise<void>;
  /** Lets the requests under way end, and tells of all. */
  stop: () => Promise<LoadResult>;
  [Symbol.asyncDispose]: () => Promise<void>;
}>;

export type PodLoadOptions = Readonly<{ namespace: string; role: string | undefined; connections?: number }>;

const TIMEOUT_MS = 120_000;
const PAUSE_AFTER_FAILURE_MS = 20;

/**
 * Creates pods without a pause until it is stopped, in dry runs: admission is the real one, and nothing is left.
 * Straight to the API server, because kubectl takes longer to start than a pod to be decided.
 */
export function startPodLoad(
  { apiServerUrl, authority, adminToken }: ControlPlane,
  { namespace, role, connections = 6 }: PodLoadOptions,
): PodLoad {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const { metadata, spec } = podTemplate(role);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, generateName: 'load-' }, spec };
  const refusals: string[] = [];
  const unanswered: string[] = [];
  let created = 0;
  let longestMs = 0;
  let isStopping = false;

  const createOne = async (client: ReturnType<typeof createApiClient>): Promise<void> => {
    const startedAt = performance.now();
    try {
      await client.send('POST', path, pod);
      created += 1;
    } catch (error) {
      const answers = error instanceof ApiError ? refusals : unanswered;
      answers.push(`${new Date().toISOString()} ${messageOf(error)}`);
      await sleep(PAUSE_AFTER_FAILURE_MS);
    }
    longestMs = Math.max(longestMs, performance.now() - startedAt);
  };
  const createMany = async (): Promise<void> => {
    const client = createApiClient({
      serverUrl: apiServerUrl,
      caCertificate: authority.certificate,
      token: adminToken,
    });
    while (!isStopping) {
      await createOne(client);
    }
    client.close();
  };
  const running = Promise.all(Array.from({ length: connections }, createMany));

  const stop = async (): Promise<void> => {
    isStopping = true;
    await running;
  };
  const result = (): LoadResult => ({ created, refusals, unanswered, longestMs: Math.round(longestMs) });
  return {
    result,
    untilMore: async (count) => {
      const goal = created + count;
      await waitFor(`${count} more pods`, () => created >= goal, { timeoutMs: TIMEOUT_MS });
    },
    stop: async () => {
      await stop();
      return result();
    },
    [Symbol.asyncDispose]: stop,
  };
}
