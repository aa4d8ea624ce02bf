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

/** Several changes in a row, such as those of one `kubectl apply`, are told at once. */
const SETTLE_MS = 50;

/** A list of the cluster, the version of its spec, and what its status says of it. */
export type CachedAllowlist = ClusterAllowlist &
  Readonly<{ uid: string; generation: number; condition: StoredCondition | undefined }>;

/** The cluster's allowlists, kept up to date. */
export type AllowlistCache = Readonly<{
  allowlists: ReadonlyMap<string, CachedAllowlist>;
  /** Resolves when the first list is complete. */
  synced: Promise<void>;
  close: () => void;
}>;

/** Who is told of changes, once the first list is complete. */
export type AllowlistListener = Readonly<{
  /** What a list says has changed; not called for a change of status alone. */
  onChange: () => void;
  /** Somebody took the condition out of a list's status. */
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

  const tell = () => {
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
        tell();
      } else if (cached.condition === undefined && known?.condition !== undefined) {
        onStatusLost();
      }
    },
    onDeleted: (name) => {
      allowlists.delete(name);
      tell();
    },
    onListed: (names) => {
      for (const name of allowlists.keys()) {
        if (!names.has(name)) {
          allowlists.delete(name);
          tell();
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
  const { allowlist = denyOnlyFallback(name, raw['spec']), problems = [] } = parseAllowlist(
    raw,
    MAX_STATUS_PROBLEMS,
  );
  // What is said of a list hangs on its identity. Its generation alone does not tell: a change of the schema shows
  // fields that were there all the time.
  const isSame =
    known?.uid === uid && isDeepStrictEqual([known.allowlist, known.problems], [allowlist, problems]);
  return isSame ? { ...known, generation, condition } : { allowlist, problems, uid, generation, condition };
}
