import { isDeepStrictEqual } from 'node:util';
import type { Collection } from '../../kubernetes/list-watch.ts';
import { startReflector, type WatchOptions } from '../../kubernetes/reflector.ts';
import type { Labels } from '../../policy/label-selector.ts';

/** Only metadata, because we need only names and labels. */
const NAMESPACES: Collection = {
  path: '/api/v1/namespaces',
  listAccept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  watchAccept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
};

/** The labels of the cluster's namespaces, kept up to date. */
export type NamespaceCache = Readonly<{
  labels: ReadonlyMap<string, Labels>;
  /** Resolves to the labels of a namespace when it becomes known; undefined if it does not within the time. */
  waitFor: (namespace: string, timeoutMs: number) => Promise<Labels | undefined>;
  /** Resolves when the first list is complete. */
  synced: Promise<void>;
  close: () => void;
}>;

export function createNamespaceCache(watchOptions: WatchOptions, onChange: () => void): NamespaceCache {
  const labels = new Map<string, Labels>();
  const waiting = new Map<string, Set<(labels: Labels) => void>>();
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>();

  /** Those that the present list has not had yet. */
  let unlisted = new Set<string>();

  const reflector = startReflector({
    ...watchOptions,
    collection: NAMESPACES,
    onListing: () => {
      unlisted = new Set(labels.keys());
    },
    onObject: (object) => {
      unlisted.delete(object.name);
      // Equal labels stay the same Map, because caches elsewhere are keyed by its identity.
      if (!isDeepStrictEqual(labels.get(object.name), object.labels)) {
        labels.set(object.name, object.labels);
        onChange();
      }
      for (const resolve of waiting.get(object.name) ?? []) {
        resolve(object.labels);
      }
    },
    onDeleted: (name) => {
      labels.delete(name);
    },
    onListed: () => {
      for (const name of unlisted) {
        labels.delete(name);
      }
      resolveSynced();
    },
  });

  function waitFor(namespace: string, timeoutMs: number): Promise<Labels | undefined> {
    const { promise, resolve } = Promise.withResolvers<Labels | undefined>();
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    const resolvers = waiting.get(namespace) ?? new Set();
    waiting.set(namespace, resolvers.add(resolve));
    return promise.finally(() => {
      clearTimeout(timer);
      resolvers.delete(resolve);
      if (resolvers.size === 0) {
        waiting.delete(namespace);
      }
    });
  }

  return { labels, waitFor, synced, close: reflector.close };
}
