import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { errorMessage } from '../text/printable.ts';
import { UsableError } from '../text/usable-error.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

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
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string>>;
  accept?: string;
  contentType?: string;
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
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

export function createApiClient(connect: Connect): ApiClient {
  const open = async (apiRequest: ApiRequest): Promise<IncomingMessage> => {
    const response = await send(connect, apiRequest);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) {
      throw new ApiError(status, messageOf(await readText(response), status));
    }
    return response;
  };

  return {
    open,
    call: async (apiRequest) => {
      const timeout = AbortSignal.timeout(DEFAULT_TIMEOUT_MS);
      const signal = apiRequest.signal ? AbortSignal.any([apiRequest.signal, timeout]) : timeout;
      return JSON.parse(await readText(await open({ ...apiRequest, signal })));
    },
  };
}

async function send(connect: Connect, apiRequest: ApiRequest): Promise<IncomingMessage> {
  const { method = 'GET', path, query = {}, accept = 'application/json', body, signal } = apiRequest;
  const { contentType = 'application/json' } = apiRequest;
  const options = await connect();
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const search = new URLSearchParams(query).toString();

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
    request.once('response', resolve);
    request.once('error', reject);
    request.end(payload);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
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

/** The address and credentials of the API server; read again for every call, because tokens and certificates rotate. */
export type Connect = () => Promise<RequestOptions>;

/**
 * Reads the address and credentials of the API server from a kubeconfig file or, if none is given, from the files that
 * Kubernetes mounts into a pod.
 *
 * @throws {UsableError} if there is neither
 */
export async function readConnection(kubeconfig: string | undefined): Promise<Connect> {
  // Imported when needed, and only this module: the index of the library would load every model of the API, 8 MB.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');

  const connect = async (): Promise<RequestOptions> => {
    const config = new KubeConfig();
    if (kubeconfig === undefined) {
      config.loadFromCluster();
    } else {
      config.loadFromFile(kubeconfig);
    }
    const { protocol, hostname, port } = new URL(config.getCurrentCluster()?.server ?? '');
    const options: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    return { ...options, protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port: port || 443 };
  };

  try {
    await connect();
  } catch (error) {
    throw new UsableError(
      kubeconfig === undefined
        ? 'the API server: expected to run in a pod with a ServiceAccount token, or --kubeconfig, found neither'
        : `--kubeconfig: expected a kubeconfig with a current context in ${kubeconfig}, found ${errorMessage(error)}`,
    );
  }
  return connect;
}
