import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../text/printable.ts';
import { type ApiClient, ApiError, retryDelay } from './client.ts';
import { type Collection, listObjects, type WatchEvent, WatchIdleError, watchObjects } from './list-watch.ts';
import type { KubernetesObject } from './object.ts';

const RETRY_DELAY = { baseMs: 250, capMs: 30_000 };
const IDLE_TIMEOUT_MS = 150_000;
/** The longest time until a change that a watch has missed is found. */
const RELIST_INTERVAL_MS = 1_800_000;
/** A shorter watch counts as a failure, so that a server that ends watches at once is not called without a pause. */
const SHORT_WATCH_MS = 1_000;

export const RESTART_REASONS = [
  'expired',
  'idle',
  'unauthorized',
  'forbidden',
  'throttled',
  'server-error',
  'connection',
] as const;

/** The reason for restarting a list or watch. Alerts depend on these words. */
export type RestartReason = (typeof RESTART_REASONS)[number];

export type ReflectorOptions = Readonly<{
  client: ApiClient;
  collection: Collection;
  /** An object was added or has changed; after a list it may also be unchanged. */
  onObject: (object: KubernetesObject) => void;
  onDeleted: (name: string) => void;
  /** A list begins; all objects are passed on again. */
  onListing: () => void;
  /** A list is complete: the collection has no other objects. */
  onListed: () => void;
  /** The API server has answered or sent an event. */
  onHeartbeat: () => void;
  onRestart: (reason: RestartReason, message: string) => void;
  /** How long a watch may be without an event, in milliseconds. */
  idleTimeoutMs?: number;
}>;

/** The options that all watches of a source share. */
export type WatchOptions = Pick<ReflectorOptions, 'client' | 'onHeartbeat' | 'onRestart' | 'idleTimeoutMs'>;

/** Follows a collection. */
export type Reflector = Readonly<{
  /** Lists the collection again, although nothing has failed. */
  list: () => void;
  /** Whether the last call failed, so that no event arrives before another one succeeds. */
  isAway: () => boolean;
  close: () => void;
}>;

/**
 * Follows a collection until it is closed: lists it, watches it, and after any failure retries with growing delays. The
 * informer of the client library stops for good on an HTTP 500, and has neither bookmarks nor paging.
 */
export function startReflector(options: ReflectorOptions): Reflector {
  const { client, collection, idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let failures = 0;
  let resourceVersion: string | undefined;
  let listedAt = 0;
  let isListAsked = false;
  let isAway = true;
  let watching = new AbortController();

  void run();
  return {
    list: () => {
      isListAsked = true;
      watching.abort();
    },
    isAway: () => isAway,
    close: () => closing.abort(),
  };

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        watching = new AbortController();
        if (isListAsked) {
          isListAsked = false;
          resourceVersion = undefined;
        }
        resourceVersion ??= await list();
        if ((await watch(resourceVersion)) < SHORT_WATCH_MS) {
          await pause();
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        if (watching.signal.aborted) {
          continue;
        }
        const reason = classifyRestart(error);
        if (reason === 'expired') {
          resourceVersion = undefined;
        }
        options.onRestart(reason, errorMessage(error));
        await pause();
      }
    }
  }

  async function pause(): Promise<void> {
    isAway = true;
    await sleep(retryDelay(failures++, RETRY_DELAY), undefined, { signal, ref: false }).catch(
      () => undefined,
    );
  }

  async function list(): Promise<string> {
    options.onListing();
    const version = await listObjects(client, collection, options.onObject, signal);
    listedAt = performance.now();
    isAway = false;
    options.onHeartbeat();
    options.onListed();
    return version;
  }

  /** Resolves to how long the watch was open, in milliseconds. */
  async function watch(from: string): Promise<number> {
    let openedAt = Number.POSITIVE_INFINITY;
    const openFor = () => performance.now() - openedAt;
    try {
      const end = await watchObjects(client, collection, {
        resourceVersion: from,
        idleTimeoutMs,
        signal: AbortSignal.any([signal, watching.signal]),
        onOpen: () => {
          openedAt = performance.now();
          isAway = false;
          options.onHeartbeat();
        },
        onEvent: apply,
      });
      options.onHeartbeat();
      // A watch ends early when its CustomResourceDefinition changes. Its last events, for a second or more, may have
      // lacked the fields that only the new schema has.
      if (end === 'early' || performance.now() - listedAt > RELIST_INTERVAL_MS) {
        resourceVersion = undefined;
      }
      return openFor();
    } finally {
      if (openFor() >= SHORT_WATCH_MS) {
        failures = 0;
      }
    }
  }

  function apply({ type, object }: WatchEvent): void {
    failures = 0;
    resourceVersion = object.resourceVersion;
    options.onHeartbeat();
    if (type === 'DELETED') {
      options.onDeleted(object.name);
    } else if (type !== 'BOOKMARK') {
      options.onObject(object);
    }
  }
}

/** The reason for a restart after an error; errors that the API server did not send count as the connection's. */
function classifyRestart(error: unknown): RestartReason {
  if (error instanceof WatchIdleError) {
    return 'idle';
  }
  if (!(error instanceof ApiError)) {
    return 'connection';
  }
  switch (error.status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 410:
      return 'expired';
    case 429:
      return 'throttled';
    default:
      return 'server-error';
  }
}
