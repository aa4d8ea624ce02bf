import { createServer, type Server } from 'node:http';
import Fastify from 'fastify';
import { type LimitedConnections, limitConnections } from './connections.ts';

/** Probes and scrapes need a handful; more must not use up the file descriptors of the process. */
const MAX_CONNECTIONS = 100;
const TIMEOUT_MS = 10_000;

/** One condition of readiness; `failure` gives the reason if it does not hold. */
export type ReadinessCheck = Readonly<{ name: string; failure: () => string | undefined }>;

export type ProbeServerOptions = Readonly<{
  checks: readonly ReadinessCheck[];
  /** Notes for an operator that do not make the server unready; shown by `/readyz?verbose`. */
  notes: () => readonly string[];
  renderMetrics: () => Promise<string>;
  metricsContentType: string;
}>;

/** The server and its connections; the caller listens with it. */
export type ProbeServer = Readonly<{ server: Server; connections: LimitedConnections }>;

/**
 * Creates the plain HTTP server of `/livez`, `/readyz` and `/metrics`. It has its own port, so that a busy admission
 * port fails no probe. Liveness needs no more than an answer.
 */
export async function createProbeServer({
  checks,
  notes,
  renderMetrics,
  metricsContentType,
}: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer({ headersTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS });
  const connections = limitConnections(server, MAX_CONNECTIONS, () => undefined);
  const app = Fastify({ serverFactory: (handler) => server.on('request', handler) });

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
  return { server, connections };
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
