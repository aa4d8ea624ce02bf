import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';

/** A Kubernetes object as far as the harness reads every kind. */
export type ObjectMeta = {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
export type KubernetesObject = { apiVersion?: string; kind?: string; metadata: ObjectMeta };

export type ApiClient = {
  /**
   * Sends one request and parses the JSON answer. The caller names the type of what it asks for: the API server is the
   * one that validates it. Throws ApiError on any status but 2xx, and the connection's error when there is none.
   */
  send<T = unknown>(method: string, path: string, body?: unknown, contentType?: string): Promise<T>;
  /** Sends one request and returns the answer whatever its status; throws the connection's error when there is none. */
  sendForAnswer(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  /** Sends one GET and returns the answer as text; throws as send does. */
  sendForText(path: string): Promise<string>;
  /**
   * Opens a watch and calls `onLine` with each line of the answer, in order, until the stream ends or the signal
   * aborts. Throws ApiError on any status but 200, and the connection's error when it breaks.
   */
  stream(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Closes the idle connections. */
  close(): void;
};

/** An answer, good or bad. */
export type ApiAnswer = {
  status: number;
  /** The text of each `Warning` header. */
  warnings: string[];
  /** By which the request is found in the audit log. */
  auditId: string;
  body: string;
};

/** The API server answered with a status that is no success. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type ApiClientOptions = { serverUrl: string; caCertificate: string; token: string };

/** Creates a client that acts as the owner of the token. */
export function createApiClient({ serverUrl, caCertificate, token }: ApiClientOptions): ApiClient {
  const agent = new Agent({ ca: caCertificate, keepAlive: true });

  function open(method: string, path: string, body?: string, contentType?: string, signal?: AbortSignal) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const headers: Record<string, string> = {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
      };
      if (body !== undefined) {
        headers['content-type'] = contentType ?? 'application/json';
        // node:http adds it to no DELETE.
        headers['content-length'] = String(Buffer.byteLength(body));
      }
      const call = request(new URL(path, serverUrl), { method, agent, headers, signal }, resolve);
      call.once('error', reject);
      call.end(body);
    });
  }

  async function sendForAnswer(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<ApiAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await open(method, path, text, contentType, AbortSignal.timeout(30_000));
    return {
      status: response.statusCode ?? 0,
      warnings: response.headersDistinct['warning'] ?? [],
      auditId: String(response.headers['audit-id']),
      body: await readText(response),
    };
  }

  async function sendText(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<string> {
    const answer = await sendForAnswer(method, path, body, contentType);
    if (answer.status < 200 || answer.status > 299) {
      throw new ApiError(answer.status, `${method} ${path}: ${answer.status} ${messageIn(answer.body)}`);
    }
    return answer.body;
  }

  return {
    async send<T>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> {
      return JSON.parse(await sendText(method, path, body, contentType));
    },
    sendForAnswer,
    sendForText: (path) => sendText('GET', path),
    async stream(path, onLine, signal) {
      const response = await open('GET', path, undefined, undefined, signal);
      if (response.statusCode !== 200) {
        throw new ApiError(response.statusCode ?? 0, `GET ${path}: ${messageIn(await readText(response))}`);
      }
      response.setEncoding('utf8');
      for await (const line of splitLines(response)) {
        onLine(line);
      }
    },
    close: () => agent.destroy(),
  };
}

/** The lines of a text that comes in chunks. Each chunk is searched once, so that a line of megabytes costs its length. */
async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let begun: string[] = [];
  for await (const chunk of chunks) {
    const [first = '', ...others] = chunk.split('\n');
    begun.push(first);
    for (const other of others) {
      yield begun.join('');
      begun = [other];
    }
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function messageIn(answer: string): string {
  try {
    return String(JSON.parse(answer).message ?? answer);
  } catch {
    return answer;
  }
}
