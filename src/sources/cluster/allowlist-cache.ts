import { isDeepStrictEqual } from 'node:util';
import { asObject } from '../../json/json.ts';
import type { Collection } from '../../kubernetes/list-watch.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { readStoredCondition, type StoredCondition } from '../../kubernetes/ready-condition.ts';
import { startReflector, type WatchOptions } from '../../kubernetes/reflector.ts';
import { ALLOWLISTS_PATH } from '../../kubernetes/resources.ts';
import { type ClusterAllowlist, MAX_STATUS_PROBLEMS } from '../../policy/ready-condition.ts';
import { denyOnlyFallback } from '../../policy/schema/fallback.ts';
import { parseAllowlist } from '../../policy/schema/parse.ts';

const ALLOWLISTS: Collection = { path: ALLOWLISTS_PATH };

/** Changes within this time, such as those of one `kubectl apply`, are reported together. */
const SETTLE_MS = 50;

/** An allowlist of the cluster, with its identity and its status. */
export type CachedAllowlist = ClusterAllowlist &
  Readonly<{ uid: string; generation: number; condition: StoredCondition | undefined }>;

/** The cluster's allowlists, kept up to date. */
export type AllowlistCache = Readonly<{
  allowlists: ReadonlyMap<string, CachedAllowlist>;
  /** Resolves when the first list is complete. */
  synced: Promise<void>;
  close: () => void;
}>;

/** Receives changes, once the first list is complete. */
export type AllowlistListener = Readonly<{
  /** The spec of an allowlist has changed; not called for a change of only the status. */
  onChange: () => void;
  /** Somebody removed the condition from the status of an allowlist. */
  onStatusLost: () => void;
}>;

export function createAllowlistCache(
  watchOptions: WatchOptions,
  { onChange, onStatusLost }: AllowlistListener,
): AllowlistCache {
  const allowlists = new Map<string, CachedAllowlist>();
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>();
  let hasSynced = false;
  let settling: NodeJS.Timeout | undefined;

  const reportChange = () => {
    if (hasSynced) {
      settling ??= setTimeout(() => {
        settling = undefined;
        onChange();
      }, SETTLE_MS);
    }
  };

  const reflector = startReflector({
    ...watchOptions,
    collection: ALLOWLISTS,
    onObject: (object) => {
      const known = allowlists.get(object.name);
      const cached = cache(object, known);
      allowlists.set(object.name, cached);
      if (cached.allowlist !== known?.allowlist) {
        reportChange();
      } else if (cached.condition === undefined && known?.condition !== undefined) {
        onStatusLost();
      }
    },
    onDeleted: (name) => {
      allowlists.delete(name);
      reportChange();
    },
    onListed: (names) => {
      for (const name of allowlists.keys()) {
        if (!names.has(name)) {
          allowlists.delete(name);
          reportChange();
        }
      }
      hasSynced = true;
      resolveSynced();
    },
  });

  return {
    allowlists,
    synced,
    close: () => {
      clearTimeout(settling);
      reflector.close();
    },
  };
}

function cache(
  { name, generation, raw }: KubernetesObject,
  known: CachedAllowlist | undefined,
): CachedAllowlist {
  const uid = String(asObject(raw['metadata'])['uid']);
  const condition = readStoredCondition(raw);
  const parsed = parseAllowlist(raw, MAX_STATUS_PROBLEMS);
  const allowlist = parsed.ok ? parsed.value : denyOnlyFallback(name, raw['spec']);
  const problems = parsed.ok ? [] : parsed.problem.problems;
  // Caches elsewhere are keyed by the identity of the allowlist. The generation does not suffice: a change of the schema
  // can reveal fields that the object had before.
  const isSame =
    known?.uid === uid && isDeepStrictEqual([known.allowlist, known.problems], [allowlist, problems]);
  return isSame ? { ...known, generation, condition } : { allowlist, problems, uid, generation, condition };
}
