import { createServer, type Server } from 'node:https';
import type { TlsOptions } from 'node:tls';

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
