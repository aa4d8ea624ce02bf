import type { Readable } from 'node:stream';
import { asObject } from '../json/json.ts';
import { type ApiClient, ApiError } from './client.ts';
import { type KubernetesObject, toKubernetesObject } from './object.ts';

const PAGE_SIZE = '500';

/** A collection to list and watch: its path, and the media types to ask for. */
export type Collection = Readonly<{ path: string; listAccept?: string; watchAccept?: string }>;

/**
 * Lists a collection page by page and passes on each object at once, so that the whole is never in memory twice.
 * Resolves to the resourceVersion to watch from.
 *
 * @throws {ApiError} 410 if the collection changed too much between two pages: list it again
 */
export async function listObjects(
  client: ApiClient,
  { path, listAccept }: Collection,
  onObject: (object: KubernetesObject) => void,
  signal: AbortSignal,
): Promise<string> {
  let continueToken = '';
  for (;;) {
    const list = asObject(
      await client.call({
        path,
        query: { limit: PAGE_SIZE, ...(continueToken !== '' && { continue: continueToken }) },
        ...(listAccept !== undefined && { accept: listAccept }),
        signal,
      }),
    );
    const { items } = list;
    const metadata = asObject(list['metadata']);
    if (!Array.isArray(items)) {
      throw new ApiError(200, `GET ${path}: expected a list, found none`);
    }
    for (const item of items) {
      onObject(toKubernetesObject(item));
    }
    continueToken = String(metadata['continue'] ?? '');
    if (continueToken === '') {
      return String(metadata['resourceVersion'] ?? '');
    }
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
    for await (const line of readLines(response)) {
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

/**
 * Yields the lines of a stream.
 *
 * @throws if the stream ends in the middle of a line
 */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        yield line;
      }
    }
  }
  if (rest !== '') {
    throw new Error('the stream ended in the middle of a line');
  }
}
