import { setImmediate as nextTurn } from 'node:timers/promises';
import { asObject } from '../json/json.ts';
import { type ApiClient, ApiError } from './client.ts';
import { type KubernetesObject, toKubernetesObject } from './object.ts';
import { readLines, readText } from './read-body.ts';

/** A collection to list and watch: its path, and the media types to ask for. */
export type Collection = Readonly<{ path: string; listAccept?: string; watchAccept?: string }>;

// The API server counts only objects, and one object may be as large as thousands of others. So a list begins with small
// pages, which grow while they stay small, and a page that is too large is asked for again with fewer objects.
const FIRST_LIMIT = 16;
const MAX_LIMIT = 500;
const LIMIT_FACTOR = 4;
const MAX_PAGE_BYTES = 2 * 1024 * 1024;
/** An object has 1.5 MiB in etcd; as JSON, each of its characters can become six. */
const MAX_OBJECT_BYTES = 16 * 1024 * 1024;
const PAGE_TIMEOUT_MS = 30_000;

/** The longest that requests wait for the objects of a page. */
const SLICE_MS = 10;

/**
 * Lists a collection page by page and passes on each object at once, so that the whole is never in memory. Resolves to the
 * resourceVersion to watch from.
 *
 * @throws {ApiError} 410 if the collection changed too much between two pages: list it again
 */
export async function listObjects(
  client: ApiClient,
  collection: Collection,
  onObject: (object: KubernetesObject) => void,
  signal: AbortSignal,
): Promise<string> {
  let continueToken = '';
  let limit = FIRST_LIMIT;
  for (;;) {
    const text = await readPage(client, collection, { limit, continueToken, signal });
    if (text === undefined) {
      if (limit === 1) {
        throw new Error(`GET ${collection.path}: an object has more than ${MAX_OBJECT_BYTES} bytes`);
      }
      limit = Math.ceil(limit / LIMIT_FACTOR);
      continue;
    }
    const { items, metadata } = asObject(JSON.parse(text));
    if (!Array.isArray(items)) {
      throw new ApiError(200, `GET ${collection.path}: expected a list, found none`);
    }
    await passOn(items, onObject);
    if (text.length * LIMIT_FACTOR < MAX_PAGE_BYTES) {
      limit = Math.min(MAX_LIMIT, limit * LIMIT_FACTOR);
    }
    continueToken = String(asObject(metadata)['continue'] ?? '');
    if (continueToken === '') {
      return String(asObject(metadata)['resourceVersion'] ?? '');
    }
  }
}

type Page = Readonly<{ limit: number; continueToken: string; signal: AbortSignal }>;

/** Resolves to undefined if the page is too large. */
async function readPage(
  client: ApiClient,
  { path, listAccept }: Collection,
  { limit, continueToken, signal }: Page,
): Promise<string | undefined> {
  const response = await client.open({
    path,
    query: { limit: String(limit), ...(continueToken !== '' && { continue: continueToken }) },
    ...(listAccept !== undefined && { accept: listAccept }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_TIMEOUT_MS)]),
  });
  const maxBytes = limit === 1 ? MAX_OBJECT_BYTES : MAX_PAGE_BYTES;
  const { text, isWhole } = await readText(response, maxBytes, 'abort');
  return isWhole ? text : undefined;
}

async function passOn(
  items: readonly unknown[],
  onObject: (object: KubernetesObject) => void,
): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  for (const item of items) {
    if (performance.now() > sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
    onObject(toKubernetesObject(item));
  }
}

/** The server ends a watch after a random time that we choose, so that replicas do not reconnect together. */
const MIN_TIMEOUT_SECONDS = 240;
const MAX_TIMEOUT_SECONDS = 480;

/** One change of a collection; a bookmark has only the resourceVersion that the watch has reached. */
export type WatchEvent = Readonly<{
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: KubernetesObject;
}>;

/** No event arrived for too long, not even a bookmark: the connection may be dead. */
export class WatchIdleError extends Error {
  override name = 'WatchIdleError';
}

export type WatchOptions = Readonly<{
  resourceVersion: string;
  /** The API server sends a bookmark every minute. */
  idleTimeoutMs: number;
  signal: AbortSignal;
  /** The API server has accepted the watch. */
  onOpen: () => void;
  onEvent: (event: WatchEvent) => void;
}>;

/** How a watch ended without an error: after the requested time, or before it. */
export type WatchEnd = 'in-time' | 'early';

/** The tolerance for clocks and networks. */
const TIMEOUT_SLACK_MS = 5_000;

/**
 * Watches a collection until the server ends the watch.
 *
 * @throws {ApiError} 410 if the resourceVersion is too old; {WatchIdleError}; other errors if the connection fails or
 *   an event is malformed
 */
export async function watchObjects(
  client: ApiClient,
  { path, watchAccept }: Collection,
  { resourceVersion, idleTimeoutMs, signal, onOpen, onEvent }: WatchOptions,
): Promise<WatchEnd> {
  const timeoutSeconds = randomBetween(MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS);
  const dueAt = performance.now() + timeoutSeconds * 1000 - TIMEOUT_SLACK_MS;
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleTimeoutMs).unref();
  try {
    const response = await client.open({
      path,
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion,
        timeoutSeconds: String(timeoutSeconds),
      },
      ...(watchAccept !== undefined && { accept: watchAccept }),
      signal: AbortSignal.any([signal, idle.signal]),
    });
    onOpen();
    for await (const line of readLines(response, MAX_OBJECT_BYTES)) {
      timer.refresh();
      onEvent(toWatchEvent(JSON.parse(line)));
    }
    return performance.now() < dueAt ? 'early' : 'in-time';
  } catch (error) {
    throw idle.signal.aborted ? new WatchIdleError(`no event for ${idleTimeoutMs / 1000} s`) : error;
  } finally {
    clearTimeout(timer);
  }
}

function toWatchEvent(value: unknown): WatchEvent {
  const { type, object } = asObject(value);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object: toKubernetesObject(object) };
    default: {
      const { code, message } = asObject(object);
      throw new ApiError(Number(code ?? 0), String(message ?? `a watch event of type ${String(type)}`));
    }
  }
}

function randomBetween(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min));
}
