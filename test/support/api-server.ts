import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createHttpsServer, replaceCertificate } from '../../src/http/https-server.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import type { Cleanup } from './cleanup.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const POD = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/]+)$/;

/** Answers with a status and a body; the stub's own answer if it returns undefined. */
export type AnswerPod = (name: string) => Readonly<{ status: number; body: unknown }> | undefined;

/** As much of an API server as the webhook asks for: no allowlists, no namespaces, and pods that name `reader`. */
export type ApiServer = Readonly<{
  /** Files of a kubeconfig, which names the CA's file and the token's. */
  kubeconfig: string;
  caFile: string;
  tokenFile: string;
  /** The `Authorization` of each request so far. */
  authorizations: readonly string[];
  /** The names of the pods that were asked for so far. */
  pods: readonly string[];
  /** Connections: now, at most at one time, and ever. */
  connections: Readonly<{ open: number; most: number; ever: number }>;
  /** Accepts this token alone. */
  acceptToken: (token: string) => void;
  /** Serves another certificate to new connections, and closes those that are open. */
  serve: (certificate: Certificate) => void;
  closeConnections: () => void;
  /** How many watches are open. */
  watches: () => number;
  cutWatches: () => void;
  /** Answers about pods otherwise. */
  answerPods: (answer: AnswerPod) => void;
  /** Answers about pods only when `release` is called. */
  hold: () => void;
  release: () => void;
}>;

/** Starts a stub on a free port of 127.0.0.1; it is stopped after the test. */
export async function startApiServer(t: Cleanup): Promise<ApiServer> {
  const first = await makeCertificate();
  const server = createHttpsServer({ cert: first.certPem, key: first.keyPem });
  const sockets = new Set<Socket>();
  const watches = new Set<ServerResponse>();
  const connections = { open: 0, most: 0, ever: 0 };
  const authorizations: string[] = [];
  const pods: string[] = [];
  const held: (() => void)[] = [];
  let isHolding = false;
  let token = 'first';
  let answerPod: AnswerPod = () => undefined;

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    connections.ever++;
    connections.open++;
    connections.most = Math.max(connections.most, connections.open);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      connections.open--;
    });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { authorization = '' } = request.headers;
    authorizations.push(authorization);
    if (authorization !== `Bearer ${token}`) {
      send(response, 401, { message: 'Unauthorized' });
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://api');
    const name = POD.exec(pathname)?.[1];
    if (name === undefined) {
      if (searchParams.has('watch')) {
        watches.add(response);
        response.once('close', () => watches.delete(response));
        response.writeHead(200).flushHeaders();
        return;
      }
      send(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
      return;
    }
    pods.push(name);
    const answer = () => {
      const annotations = { 'k8s.aliyun.com/eci-ram-role-name': 'reader' };
      const { status, body } = answerPod(name) ?? { status: 200, body: { metadata: { annotations } } };
      send(response, status, body);
    };
    if (isHolding) {
      held.push(answer);
    } else {
      answer();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });

  const directory = temporaryDirectory(t);
  const files = {
    kubeconfig: join(directory, 'kubeconfig'),
    caFile: join(directory, 'ca.crt'),
    tokenFile: join(directory, 'token'),
  };
  writeFileSync(files.caFile, first.caPem);
  writeFileSync(files.tokenFile, token);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  writeFileSync(
    files.kubeconfig,
    JSON.stringify({
      clusters: [
        { name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': 'ca.crt' } },
      ],
      users: [
        {
          name: 'u',
          user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: files.tokenFile } } },
        },
      ],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );

  const closeConnections = () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };

  return {
    ...files,
    authorizations,
    pods,
    connections,
    acceptToken: (accepted) => {
      token = accepted;
    },
    serve: ({ certPem, keyPem }) => {
      replaceCertificate(server, { cert: certPem, key: keyPem });
      closeConnections();
    },
    closeConnections,
    watches: () => watches.size,
    cutWatches: () => {
      for (const response of watches) {
        response.destroy();
      }
    },
    answerPods: (answer) => {
      answerPod = answer;
    },
    hold: () => {
      isHolding = true;
    },
    release: () => {
      isHolding = false;
      for (const answer of held.splice(0)) {
        answer();
      }
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
