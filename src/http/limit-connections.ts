import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

const MAX_CONNECTIONS = 1_000;

/**
 * Keeps a server at no more than a thousand connections. At the limit the newcomer is let in, and the oldest
 * connection that has not yet sent a request is closed for it; else the one that has been idle the longest; else,
 * where all are busy, the newcomer. Node's own `maxConnections` always closes the newcomer, so that connections
 * which say nothing would keep everybody out.
 *
 * @param onClosed is told of every connection closed for the limit
 */
export function limitConnections(server: Server, onClosed: () => void): void {
  // Sets keep the order of insertion: the oldest come first.
  const silent = new Set<Socket>();
  const idle = new Set<Socket>();
  const busy = new Set<Socket>();
  // The events of TLS name another socket than those of TCP: the two ends of a connection join them.
  const inHandshake = new Map<string, Socket>();
  const rawSockets = new WeakMap<Socket, Socket>();

  server.on('connection', (socket: Socket) => {
    if (silent.size + idle.size + busy.size >= MAX_CONNECTIONS) {
      const [victim = socket] = silent.size > 0 ? silent : idle;
      onClosed();
      forget(victim);
      victim.destroy();
      if (victim === socket) {
        return;
      }
    }

    silent.add(socket);
    const ends = endsOf(socket);
    inHandshake.set(ends, socket);
    socket.once('close', () => {
      forget(socket);
      inHandshake.delete(ends);
    });
  });

  server.on('secureConnection', (tlsSocket: TLSSocket) => {
    const ends = endsOf(tlsSocket);
    const socket = inHandshake.get(ends);
    if (socket !== undefined) {
      inHandshake.delete(ends);
      rawSockets.set(tlsSocket, socket);
    }
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const socket = rawSockets.get(request.socket);
    if (socket === undefined) {
      return;
    }
    silent.delete(socket);
    idle.delete(socket);
    busy.add(socket);
    response.once('close', () => {
      if (busy.delete(socket)) {
        idle.add(socket);
      }
    });
  });

  function forget(socket: Socket): void {
    silent.delete(socket);
    idle.delete(socket);
    busy.delete(socket);
  }
}

function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
