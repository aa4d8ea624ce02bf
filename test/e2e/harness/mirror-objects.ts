import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, KubernetesObject } from './api-client.ts';

/** A copy of a collection of the API server, kept up to date by a watch. */
export type Mirror<T extends KubernetesObject> = {
  list(): T[];
  get(namespace: string, name: string): T | undefined;
  stop(): Promise<void>;
};

export type MirrorOptions<T> = {
  client: ApiClient;
  /** The collection's path, such as /api/v1/pods. */
  path: string;
  /** Further query parameters, such as a fieldSelector. */
  query?: Record<string, string>;
  /** Called after the copy has changed, once for each object, from the first list on. */
  onChange?: (type: 'applied' | 'deleted', object: T) => void;
};

type WatchEvent<T> = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; object: T };
type ObjectList<T> = { metadata: { resourceVersion: string }; items: T[] };

const retryMs = 100;

/**
 * Starts mirroring and resolves when the first list is in; rejects when that one fails. Later trouble, such as an API
 * server that restarts, leads to a new list for as long as it takes.
 */
export async function startMirror<T extends KubernetesObject>({
  client,
  path,
  query = {},
  onChange = () => undefined,
}: MirrorOptions<T>): Promise<Mirror<T>> {
  const objects = new Map<string, T>();
  const stopping = new AbortController();

  function apply(object: T): void {
    objects.set(keyOf(object.metadata.namespace, object.metadata.name), object);
    onChange('applied', object);
  }

  function remove(object: T): void {
    objects.delete(keyOf(object.metadata.namespace, object.metadata.name));
    onChange('deleted', object);
  }

  async function list(): Promise<string> {
    const answer = await client.send<ObjectList<T>>('GET', `${path}?${new URLSearchParams(query)}`);
    const present = new Set(answer.items.map(({ metadata }) => metadata.uid));
    for (const object of [...objects.values()].filter(({ metadata }) => !present.has(metadata.uid))) {
      remove(object);
    }
    answer.items.forEach(apply);
    return answer.metadata.resourceVersion;
  }

  async function watch(resourceVersion: string): Promise<void> {
    const parameters = new URLSearchParams({ ...query, watch: 'true', resourceVersion });
    await client.stream(`${path}?${parameters}`, handleLine, stopping.signal);
  }

  function handleLine(line: string): void {
    const event: WatchEvent<T> = JSON.parse(line);
    if (event.type === 'ERROR') {
      throw new Error(`watch of ${path}: ${line}`);
    }
    if (event.type === 'DELETED') {
      remove(event.object);
    } else if (event.type !== 'BOOKMARK') {
      apply(event.object);
    }
  }

  async function follow(first: string): Promise<void> {
    let resourceVersion: string | undefined = first;
    while (!stopping.signal.aborted) {
      try {
        await watch(resourceVersion ?? (await list()));
      } catch {
        // Whatever it was, the next list heals it.
      }
      resourceVersion = undefined;
      await delay(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const following = follow(await list());
  return {
    list: () => [...objects.values()],
    get: (namespace, name) => objects.get(keyOf(namespace, name)),
    async stop() {
      stopping.abort();
      await following;
    },
  };
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
