import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Connect } from './connection.ts';
import { closeIdleConnections } from './kubeconfig.ts';
import { readText } from './read-body.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const UNAUTHORIZED = 401;

/** After a timeout, an answer within this time shows that the API server is slow, and not that connections are dead. */
const ALIVE_MS = 1_000;

/** The text of an error is a few sentences. */
const MAX_ERROR_BYTES = 64 * 1024;

/** An answer of the API server other than 2xx; the message is the API server's own. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type ApiRequest = Readonly<{
  /** Requests may be sent twice, so each of ours is idempotent, or has the resourceVersion as its condition. */
  method?: 'GET' | 'PUT' | 'PATCH';
  path: string;
  query?: Readonly<Record<string, string>>;
  accept?: string;
  contentType?: string;
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
  /** The most bytes of the answer; there is no limit by default. */
  maxBytes?: number;
}>;

/** Calls of the API server. */
export type ApiClient = Readonly<{
  /**
   * Resolves to the JSON of the answer.
   *
   * @throws {ApiError} on another status than 2xx; other errors if there is no answer within 30 s
   */
  call: (request: ApiRequest) => Promise<unknown>;
  /**
   * Resolves to the answer when its head has arrived; the caller reads its body, and can abort it by the signal.
   *
   * @throws {ApiError} on another status than 2xx
   */
  open: (request: ApiRequest) => Promise<IncomingMessage>;
}>;

/** The API server's clock. */
export type ServerClock = Readonly<{
  /** How far it is ahead of ours by the last answer, in milliseconds; undefined before the first answer. */
  clockOffsetMs: () => number | undefined;
}>;

/** Creates a client. After a 401 it reads the credentials again and, if they have changed, repeats the request. */
export function createApiClient(connect: Connect): ApiClient & ServerClock {
  const contact: Contact = { answeredAt: Number.NEGATIVE_INFINITY, clockOffsetMs: undefined };
  const openWith = async (options: RequestOptions, request: ApiRequest): Promise<IncomingMessage> => {
    const response = await send(options, request, contact);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) {
      const { text } = await readText(response, MAX_ERROR_BYTES, 'discard');
      throw new ApiError(status, messageOf(text, status));
    }
    return response;
  };

  const open = async (request: ApiRequest): Promise<IncomingMessage> => {
    const options = await connect();
    try {
      return await openWith(options, request);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === UNAUTHORIZED)) {
        throw error;
      }
      const renewed = await connect(options);
      if (renewed === options) {
        throw error;
      }
      return openWith(renewed, request);
    }
  };

  return {
    open,
    clockOffsetMs: () => contact.clockOffsetMs,
    call: async (request) => {
      const timeout = AbortSignal.timeout(DEFAULT_TIMEOUT_MS);
      const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
      const { path, maxBytes = Number.POSITIVE_INFINITY } = request;
      const { text, isWhole } = await readText(await open({ ...request, signal }), maxBytes, 'discard');
      if (!isWhole) {
        throw new Error(`${path}: expected at most ${maxBytes} bytes, found more`);
      }
      return JSON.parse(text);
    },
  };
}

/** When the API server has last answered, and its clock then; all requests of a client share it. */
type Contact = { answeredAt: number; clockOffsetMs: number | undefined };

function send(options: RequestOptions, apiRequest: ApiRequest, contact: Contact): Promise<IncomingMessage> {
  const { method = 'GET', path, query = {}, accept = 'application/json', body, signal } = apiRequest;
  const { contentType = 'application/json' } = apiRequest;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const search = new URLSearchParams(query).toString();

  /** If one kept connection is dead, so are probably the others. A new one may have better luck. */
  const dropConnections = () => {
    if (!signal?.aborted || performance.now() - contact.answeredAt > ALIVE_MS) {
      closeIdleConnections(options);
    }
  };

  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      ...options,
      method,
      path: search === '' ? path : `${path}?${search}`,
      headers: {
        ...options.headers,
        accept,
        ...(payload !== undefined && {
          'content-type': contentType,
          'content-length': Buffer.byteLength(payload),
        }),
      },
      ...(signal && { signal }),
    });
    let isAnswered = false;
    request.once('response', (response) => {
      isAnswered = true;
      contact.answeredAt = performance.now();
      const serverTime = Date.parse(response.headers.date ?? '');
      contact.clockOffsetMs = Number.isNaN(serverTime) ? contact.clockOffsetMs : serverTime - Date.now();
      response.once('close', () => {
        if (!response.complete) {
          dropConnections();
        }
      });
      resolve(response);
    });
    request.once('error', (error) => {
      dropConnections();
      if (request.reusedSocket && !isAnswered && !signal?.aborted) {
        resolve(send(options, apiRequest, contact));
      } else {
        reject(error);
      }
    });
    request.end(payload);
  });
}

/** The message of a `metav1.Status`, or the beginning of any other body. */
function messageOf(body: string, status: number): string {
  try {
    const { message } = JSON.parse(body);
    return typeof message === 'string' ? message : `HTTP ${status}`;
  } catch {
    return `HTTP ${status}: ${body.slice(0, 200)}`;
  }
}

/** Milliseconds to wait before the next attempt: doubled each time from `baseMs` to `capMs`, then jittered. */
export function retryDelay(
  attempt: number,
  { baseMs, capMs }: Readonly<{ baseMs: number; capMs: number }>,
): number {
  return jittered(Math.min(capMs, baseMs * 2 ** attempt));
}

/** A random time between half of `ms` and `ms`, so that replicas do not act in step. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
