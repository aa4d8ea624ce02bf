import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TlsOptions } from 'node:tls';
import type { LimitedConnections } from './connections.ts';

/** Must outlive the 90 seconds for which the API server keeps idle connections: whoever closes first must be it. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const CONNECTIONS_CHECKING_INTERVAL_MS = 2_000;

/** A certificate with its chain and its private key, PEM. */
export type ServerCertificate = Readonly<{ cert: string; key: string }>;

/** Creates the HTTPS server with its limits of time; HTTP/1.1 alone, as the API server calls. */
export function createHttpsServer(certificate: ServerCertificate): Server {
  return createServer({
    ...secureContextOptions(certificate),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECKING_INTERVAL_MS,
  });
}

/** Serves another certificate to all connections from now on. */
export function replaceCertificate(server: Server, certificate: ServerCertificate): void {
  server.setSecureContext(secureContextOptions(certificate));
}

/** All options of a secure context: what setSecureContext is not given falls back to a default, not to what was. */
function secureContextOptions({ cert, key }: ServerCertificate): TlsOptions {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    // Plain X25519 first: the post-quantum hybrid costs a third of the handshakes per second.
    ecdhCurve: 'X25519:X25519MLKEM768:P-256:P-384',
  };
}

/** A port that cannot be listened on; the message says which and what to do. */
export class ListenError extends Error {
  override name = 'ListenError';
}

/** Where to listen, and the flag that says so. */
export type ListenOptions = Readonly<{
  /** Undefined: all addresses, IPv6 and IPv4, or IPv4 alone where the machine has no IPv6. */
  address: string | undefined;
  port: number;
  flag: string;
}>;

/**
 * Listens, and resolves to the port.
 *
 * @throws {ListenError} where the port is taken or may not be listened on
 */
export function listen(server: NetServer, { address, port, flag }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) =>
      reject(new ListenError(describeFailure(error, { address, port, flag })));
    server.once('error', onError);
    // Without a host Node listens on `::` for both families, and on 0.0.0.0 where there is no IPv6.
    server.listen({ port, ...(address !== undefined && { host: address }) }, () => {
      server.off('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function describeFailure(error: Error, { address, port, flag }: ListenOptions): string {
  const code = 'code' in error ? String(error.code) : error.message;
  const where = `--${flag} ${port}${address === undefined ? '' : ` on ${address}`}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where}: expected a free port, found one that another process listens on; choose another with --${flag}`;
    case 'EACCES':
      return `${where}: expected a port that this user may listen on, found a privileged one; choose one from 1024 with --${flag}`;
    case 'EADDRNOTAVAIL':
      return `--bind-address ${address}: expected an address of this machine, found another`;
    default:
      return `${where}: cannot listen: ${code}`;
  }
}

const SWEEP_INTERVAL_MS = 100;

/** The API server waits up to three seconds for an answer: whoever is not done after that is not waited for. */
const HARD_DEADLINE_MS = 5_000;

/**
 * Stops a server without losing a call: for `delayMs` it goes on answering, each time telling the caller to
 * close the connection, while the endpoints of the Service forget this server. Then it stops listening, closes
 * idle and silent connections as they become so, and the rest at a hard deadline.
 */
export async function drain(
  server: HttpServer,
  { closeSilent }: LimitedConnections,
  delayMs: number,
): Promise<void> {
  server.prependListener('request', (_: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  await sleep(delayMs);

  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    // To Node a connection that has never sent anything is not idle.
    closeSilent();
  }, SWEEP_INTERVAL_MS);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
    resolve();
  }, HARD_DEADLINE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
