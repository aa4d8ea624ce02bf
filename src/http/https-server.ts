import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TlsOptions } from 'node:tls';
import { UsableError } from '../text/problem.ts';
import { GATED_SERVER, type Gate } from './gate.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A certificate with its chain, and its private key, PEM. */
type CertificateAndKey = Readonly<{ cert: string; key: string }>;

/** Creates the HTTPS server for a gate. It speaks HTTP/1.1 only, like the API server. */
export function createHttpsServer(certificate: CertificateAndKey): Server {
  return createServer({
    ...secureContextOptions(certificate),
    ...GATED_SERVER,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
}

/** Serves another certificate to all new connections. */
export function replaceCertificate(server: Server, certificate: CertificateAndKey): void {
  server.setSecureContext(secureContextOptions(certificate));
}

/** All options of a secure context: setSecureContext resets each option that is left out to its default. */
function secureContextOptions({ cert, key }: CertificateAndKey): TlsOptions {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    // Plain X25519 first: the post-quantum hybrid costs a third of the handshakes per second.
    ecdhCurve: 'X25519:X25519MLKEM768:P-256:P-384',
  };
}

/** The address and port to listen on, and the flag of the port. */
export type ListenOptions = Readonly<{
  /** Undefined: all addresses, IPv6 and IPv4, or only IPv4 if the machine has no IPv6. */
  address: string | undefined;
  port: number;
  flag: string;
}>;

/**
 * Listens, and resolves to the port.
 *
 * @throws {UsableError} if the port is taken or may not be used
 */
export function listen(server: NetServer, { address, port, flag }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) =>
      reject(new UsableError(describeFailure(error, { address, port, flag })));
    server.once('error', onError);
    // Without a host Node listens on `::` for both families, or on 0.0.0.0 if there is no IPv6.
    server.listen({ port, ...(address !== undefined && { host: address }) }, () => {
      server.off('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function describeFailure(error: Error, { address, port, flag }: ListenOptions): string {
  const code = 'code' in error ? String(error.code) : error.message;
  const listener = `--${flag} ${port}${address === undefined ? '' : ` on ${address}`}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${listener}: expected a free port, found one that another process listens on; choose another with --${flag}`;
    case 'EACCES':
      return `${listener}: expected a port that this user may listen on, found a privileged one; choose one from 1024 with --${flag}`;
    case 'EADDRNOTAVAIL':
      return `--bind-address ${address}: expected an address of this machine, found another`;
    default:
      return `${listener}: cannot listen: ${code}`;
  }
}

const SWEEP_INTERVAL_MS = 100;

/** The API server waits at most three seconds for an answer, so later answers are of no use. */
const HARD_DEADLINE_MS = 5_000;

/**
 * Stops a server without losing a call. For `delayMs` it still answers, each time with `connection: close`, while the
 * Service removes its endpoint. Then it stops listening, closes connections as they become idle, and closes the rest
 * at a hard deadline.
 */
export async function drain(server: HttpServer, { closeUnused }: Gate, delayMs: number): Promise<void> {
  server.prependListener('request', (_: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  await sleep(delayMs);

  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    // Node does not count a connection as idle before its first request.
    closeUnused();
  }, SWEEP_INTERVAL_MS);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
    resolve();
  }, HARD_DEADLINE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
