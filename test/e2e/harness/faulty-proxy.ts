import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import type { ControlPlane } from './control-plane.ts';
import { createSilence } from './faulty-proxy/create-silence.ts';
import { describeRequest, type RequestKind } from './faulty-proxy/describe-request.ts';
import {
  createPlannedAnswers,
  type PlannedAnswer,
  sendPlannedAnswer,
} from './faulty-proxy/planned-answers.ts';

export type FaultyProxy = {
  readonly url: string;
  /** For ServiceProxy.setApiServer: pods then reach the API server through the faults. */
  readonly address: { host: string; port: number };
  /** The CA that clients verify this proxy by: the cluster's own, so a pod's mounted ca.crt serves too. */
  readonly caPath: string;
  /** Cuts the connection of every watch that is open now; returns how many there were. */
  cutWatches(): number;
  /**
   * Keeps every connection, and lets nothing more through: half-open, as after a lost NAT entry. New connections fare
   * the same until `resume`; those that went silent stay silent for good.
   */
  goSilent(): void;
  resume(): void;
  /** Answers the next requests of a kind in place of the API server. Answers queue up. */
  answerNext(answer: PlannedAnswer): void;
  /** Ends the next watch that gets an event in the middle of its JSON line. */
  truncateNextEvent(): void;
  /** Every request so far, oldest first. */
  requests(): readonly RequestKind[];
  /** How many watches are open. */
  openWatches(): number;
  stop(): Promise<void>;
};

const port = 6443;
// Less than the end of any event: only the last line is broken.
const cutBytes = 10;

/** Starts a proxy in front of a control plane's API server, without any fault yet. */
export async function startFaultyProxy(controlPlane: ControlPlane): Promise<FaultyProxy> {
  const { addresses, apiServer, authority } = controlPlane;
  const host = addresses.takeNodeAddress();
  const serving = await authority.issue({
    commonName: 'faulty-proxy',
    addresses: [host, addresses.kubernetesServiceAddress],
    names: ['kubernetes.default.svc'],
  });
  // A connection for each request: one that is reused could break by itself, which would be a fault nobody asked for.
  const agent = new Agent({ ca: authority.certificate, keepAlive: false });
  const planned = createPlannedAnswers();
  const requests: RequestKind[] = [];
  const silence = createSilence();
  const watches = new Set<ServerResponse>();
  let truncating = false;

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    const kind = describeRequest(incoming.method ?? 'GET', incoming.url ?? '/');
    requests.push(kind);
    if (silence.covers(incoming.socket)) {
      return;
    }
    const answer = planned.take(kind);
    if (answer === undefined) {
      forward(incoming, response, kind);
    } else {
      sendPlannedAnswer(answer, response);
    }
  }

  function forward(incoming: IncomingMessage, response: ServerResponse, { verb }: RequestKind): void {
    const cut = () => silence.covers(incoming.socket) || incoming.socket.destroy();
    const upstream = requestTls({
      ...{ ...apiServer, agent, method: incoming.method, path: incoming.url },
      headers: { ...incoming.headers, host: `${apiServer.host}:${apiServer.port}` },
    });
    upstream.once('response', (answer) => {
      if (silence.covers(incoming.socket)) {
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (verb === 'watch') {
        watches.add(response);
      }
      answer.on('data', (chunk: Buffer) => relay(chunk, incoming.socket, response));
      answer.once('end', () => silence.covers(incoming.socket) || response.end());
      answer.on('error', cut);
    });
    upstream.on('error', cut);
    response.once('close', () => {
      watches.delete(response);
      upstream.destroy();
    });
    incoming.pipe(upstream);
  }

  function relay(chunk: Buffer, client: Socket, response: ServerResponse): void {
    if (silence.covers(client)) {
      return;
    }
    if (truncating && watches.has(response)) {
      truncating = false;
      watches.delete(response);
      response.end(chunk.subarray(0, -cutBytes));
    } else if (!response.writableEnded) {
      response.write(chunk);
    }
  }

  const server = createServer({ key: serving.privateKey, cert: serving.certificate }, handle);
  // Silence is the fault under test: no timeout of this server may break it.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  server.on('secureConnection', (socket) => {
    silence.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');

  return {
    url: `https://${host}:${port}`,
    address: { host, port },
    caPath: controlPlane.caPath,
    cutWatches() {
      const open = [...watches];
      for (const response of open) {
        response.socket?.destroy();
      }
      return open.length;
    },
    goSilent: silence.begin,
    resume: silence.end,
    answerNext: planned.add,
    truncateNextEvent() {
      truncating = true;
    },
    requests: () => requests,
    openWatches: () => watches.size,
    async stop() {
      server.close();
      silence.cutAll();
      await once(server, 'close');
    },
  };
}
