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

/** A namespace counts as new for this long. */
const NEW_MS = 10_000;

/** The labels of the cluster's namespaces, kept up to date. */
export type NamespaceCache = Readonly<{
  labels: ReadonlyMap<string, Labels>;
  /** Whether a namespace became known in the last ten seconds, and after the first list, or is not known yet. */
  isNew: (namespace: string) => boolean;
  isAway: () => boolean;
  /** Resolves when the first list is complete. */
  synced: Promise<void>;
  close: () => void;
}>;

export function createNamespaceCache(
  watchOptions: WatchOptions,
  onChange: (namespace: string) => void,
): NamespaceCache {
  const labels = new Map<string, Labels>();
  /** When each became known, by a clock that nobody sets; the oldest first. */
  const knownSince = new Map<string, number>();
  let hasSynced = false;
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
        if (hasSynced && !labels.has(object.name)) {
          recordNew(object.name);
        }
        labels.set(object.name, object.labels);
        onChange(object.name);
      }
    },
    onDeleted: (name) => {
      labels.delete(name);
      knownSince.delete(name);
    },
    onListed: () => {
      for (const name of unlisted) {
        labels.delete(name);
        knownSince.delete(name);
      }
      hasSynced = true;
      resolveSynced();
    },
  });

  function recordNew(namespace: string): void {
    for (const oldest of knownSince.keys()) {
      if (isNew(oldest)) {
        break;
      }
      knownSince.delete(oldest);
    }
    knownSince.set(namespace, performance.now());
  }

  function isNew(namespace: string): boolean {
    const since = knownSince.get(namespace);
    return since === undefined ? !labels.has(namespace) : performance.now() - since < NEW_MS;
  }

  return { labels, isNew, synced, isAway: reflector.isAway, close: reflector.close };
}
