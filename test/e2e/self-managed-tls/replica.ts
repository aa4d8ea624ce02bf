import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createHttpsServer, replaceCertificate } from '../../../src/http/https-server.ts';
import { createApiClient } from '../../../src/kubernetes/client.ts';
import { createLoggerTo } from '../../../src/observability/logger.ts';
import { type SelfManagedOptions, startSelfManagedCertificate } from '../../../src/tls/self-managed/start.ts';
import type { ControlPlane } from '../harness/control-plane.ts';
import type { Site } from './site.ts';

/** A server that admits everything, with a certificate that it keeps up itself. */
export type Replica = Readonly<{
  port: number;
  /** The certificates it has served, PEM, the latest last. */
  served: string[];
  /** What its log and its listener were told, and since when it was started. */
  told: string[];
  restores: () => number;
  stop: () => void;
}>;

/** Resolves once it has a certificate; what it is told before then is to be found in `told`. */
export async function startReplica(
  controlPlane: ControlPlane,
  site: Site,
  timings: SelfManagedOptions['timings'] = {},
  told: string[] = [],
): Promise<Replica> {
  const { host, port } = controlPlane.apiServer;
  const ca = readFileSync(controlPlane.caPath);
  const client = createApiClient(async () => ({
    hostname: host,
    port,
    ca,
    headers: { authorization: `Bearer ${site.token}` },
  }));
  const write = (line: string) => {
    const { msg, problem = '', change = '', reason = '' } = JSON.parse(line);
    told.push([msg, problem, change, reason].filter((part) => part !== '').join(': '));
  };
  let restores = 0;
  const { first, watch } = await startSelfManagedCertificate(
    { client, ...site, timings },
    {
      logger: createLoggerTo({ write }, 'info'),
      countBundleRestore: () => {
        restores += 1;
      },
    },
  );

  const server = createHttpsServer(first);
  server.on('request', answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const served = [first.cert];
  const { close } = watch({
    onCertificate: (certificate) => {
      replaceCertificate(server, certificate);
      served.push(certificate.cert);
    },
    onProblem: (problem) => told.push(`problem: ${problem}`),
    onRecovery: () => undefined,
  });
  return {
    port: portOf(server.address()),
    served,
    told,
    restores: () => restores,
    stop: () => {
      close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Plays the Service: each connection to its address goes to the next replica. */
export async function startService({ clusterIp }: Site, replicas: readonly Replica[]) {
  let turn = 0;
  const service = createServer((socket) => {
    turn += 1;
    const backend = connect(replicas[turn % replicas.length]?.port ?? 0, '127.0.0.1');
    socket.on('error', () => backend.destroy());
    backend.on('error', () => socket.destroy());
    socket.pipe(backend).pipe(socket);
  });
  service.listen(443, clusterIp);
  await once(service, 'listening');
  return service;
}

/** Without keep-alive, so that every review is a handshake. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true },
  };
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(review));
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
