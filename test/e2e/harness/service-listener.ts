import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { resetConnection } from './reset-connection.ts';
import type { Backend } from './service-backends.ts';

/** One ClusterIP and port. */
export type ServiceListener = {
  /** Takes effect for the next connection; an empty list closes the port, and open connections stay. */
  setBackends(backends: readonly Backend[]): void;
  isListening(): boolean;
  /** Resolves when the port is open or closed as the backends ask; rejects when it cannot be opened. */
  settled(): Promise<void>;
  /** Closes the port and cuts every connection. */
  stop(): Promise<void>;
};

/** Creates a listener that is closed until it has a backend. */
export function createServiceListener(address: string, port: number): ServiceListener {
  let backends: readonly Backend[] = [];
  let server: Server | undefined;
  let opening: Promise<void> = Promise.resolve();
  let turn = 0;
  const sockets = new Set<Socket>();

  function accept(client: Socket): void {
    // In turn, so that every backend is met by a few connections; kube-proxy picks at random.
    const backend = backends[turn % backends.length];
    turn += 1;
    if (backend === undefined) {
      resetConnection(client);
      return;
    }
    const upstream = connect({ ...backend, allowHalfOpen: true, noDelay: true });
    track(client);
    track(upstream);
    client.pipe(upstream);
    upstream.pipe(client);
    // A reset on one side is a reset on the other, as with a packet filter.
    client.once('error', () => resetConnection(upstream));
    upstream.once('error', () => resetConnection(client));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroySoon());
  }

  function track(socket: Socket): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  }

  function open(): void {
    const opened = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    server = opened;
    opened.listen({ host: address, port, exclusive: true });
    opening = once(opened, 'listening').then(() => undefined);
    opening.catch((error: Error) => {
      server = undefined;
      console.error(`service proxy: ${error.message}`);
    });
  }

  function close(): void {
    server?.close();
    server = undefined;
  }

  return {
    setBackends(next) {
      backends = next;
      if (next.length === 0) {
        close();
      } else if (server === undefined) {
        open();
      }
    },
    isListening: () => server?.listening ?? false,
    settled: () => opening,
    async stop() {
      close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
