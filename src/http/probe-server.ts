import { createServer, type IncomingMessage, type Server } from 'node:http';
import Fastify from 'fastify';
import type { Logger } from 'pino';
import { createGate, GATED_SERVER, type Gate } from './gate.ts';
import { createRejectionLog, reportClosed } from './rejections.ts';

/** Probes and scrapes need a handful; more must not use up the file descriptors of the process. */
const MAX_CONNECTIONS = 100;

/** A kubelet waits one second for a probe. */
const REQUEST_TIMEOUT_MS = 2_000;
const MAX_REQUEST_BYTES = 64 * 1024;

/** One condition of readiness; `failure` gives the reason if it does not hold. */
export type ReadinessCheck = Readonly<{ name: string; failure: () => string | undefined }>;

export type ProbeServerOptions = Readonly<{
  checks: readonly ReadinessCheck[];
  /** Notes for an operator that do not make the server unready; shown by `/readyz?verbose`. */
  notes: () => readonly string[];
  renderMetrics: () => Promise<string>;
  metricsContentType: string;
  /** A connection was closed; the reason is one of a fixed set of words. */
  countRejected: (reason: string) => void;
  logger: Logger;
}>;

/** The server and its gate; the caller listens with it. */
export type ProbeServer = Readonly<{ server: Server; gate: Gate }>;

/**
 * Creates the plain HTTP server of `/livez`, `/readyz` and `/metrics`. It has its own port, so that a busy admission
 * port fails no probe. Liveness needs no more than an answer.
 */
export async function createProbeServer({
  checks,
  notes,
  renderMetrics,
  metricsContentType,
  countRejected,
  logger,
}: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer(GATED_SERVER);
  const app = Fastify({ serverFactory: () => server });
  const gate = createGate(server, {
    maxConnections: MAX_CONNECTIONS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxRequestBytes: MAX_REQUEST_BYTES,
    isAcceptable: isPlainGet,
    onRequest: app.routing,
    onClosed: reportClosed('probe', countRejected, createRejectionLog(logger)),
  });

  app.get('/livez', (_, reply) => reply.type('text/plain').send('ok'));

  app.get<{ Querystring: Record<string, unknown> }>('/readyz', (request, reply) => {
    const failures = checks.filter(({ failure }) => failure() !== undefined);
    const isReady = failures.length === 0;
    const isVerbose = !isReady || Object.hasOwn(request.query, 'verbose');
    return reply
      .code(isReady ? 200 : 503)
      .type('text/plain')
      .send(isVerbose ? describeReadiness(checks, notes()) : 'ok');
  });

  app.get('/metrics', async (_, reply) => reply.type(metricsContentType).send(await renderMetrics()));

  app.setNotFoundHandler((_, reply) =>
    reply.code(404).type('text/plain').send('expected GET /livez, /readyz or /metrics'),
  );

  await app.ready();
  return { server, gate };
}

/** Whether a request is a GET or HEAD that brings nothing else. Kubelets and Prometheus send no other. */
function isPlainGet({ method, headers }: IncomingMessage): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    (headers['content-length'] ?? '0') === '0' &&
    headers['transfer-encoding'] === undefined &&
    headers.expect === undefined &&
    headers.upgrade === undefined
  );
}

/** In the form of the API server's own `/readyz?verbose`. */
function describeReadiness(checks: readonly ReadinessCheck[], notes: readonly string[]): string {
  const lines = checks.map(({ name, failure }) => {
    const reason = failure();
    return reason === undefined ? `[+]${name} ok` : `[-]${name} failed: ${reason}`;
  });
  const outcome = lines.some((line) => line.startsWith('[-]')) ? 'failed' : 'passed';
  return [...lines, ...notes.map((note) => `note: ${note}`), `readyz check ${outcome}`, ''].join('\n');
}
