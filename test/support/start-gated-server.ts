import type { RequestListener } from 'node:http';
import { createGate } from '../../src/http/gate.ts';
import { createHttpsServer, listen } from '../../src/http/https-server.ts';
import type { Target } from './call.ts';
import { makeCertificate } from './certificate.ts';
import type { Cleanup } from './cleanup.ts';

export type GatedServerOptions = Readonly<{
  maxConnections: number;
  requestTimeoutMs: number;
  onRequest: RequestListener;
}>;

/** An HTTPS server behind a gate, and the connections that the gate has closed: the reason and the address of each. */
export type GatedServer = Target & Readonly<{ closed: readonly string[] }>;

/** Starts an HTTPS server behind a gate, with limits of its own; it is stopped after the test. */
export async function startGatedServer(t: Cleanup, options: GatedServerOptions): Promise<GatedServer> {
  const { caPem, certPem, keyPem } = await makeCertificate();
  const server = createHttpsServer({ cert: certPem, key: keyPem });
  const closed: string[] = [];
  createGate(server, {
    ...options,
    maxRequestBytes: 1_000_000,
    isAcceptable: () => true,
    onClosed: (reason, address) => closed.push(`${reason} ${address}`),
  });
  const securePort = await listen(server, { address: '127.0.0.1', port: 0, flag: 'secure-port' });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { securePort, caPem, closed };
}
