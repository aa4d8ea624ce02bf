import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

const MAX_CONNECTIONS = 1_000;

/** What is known of a connection. Plain numbers, since they change with every request. */
type Connection = {
  readonly socket: Socket;
  /** Requests without an answer yet. */
  requests: number;
  /** The place of its last answer among all answers; 0 where it has not sent a request. */
  lastAnswer: number;
};

/**
 * Keeps a server at no more than a thousand connections. At the limit the newcomer is let in, and the oldest
 * connection that has not yet sent a request is closed for it; else the one that has been idle the longest; else,
 * where all are busy, the newcomer. Node's own `maxConnections` always closes the newcomer, so that connections
 * which say nothing would keep everybody out.
 *
 * @param onClosed is told of every connection closed for the limit
 */
export function limitConnections(server: Server, onClosed: () => void): void {
  // Maps keep the order of insertion: the oldest come first.
  const connections = new Map<Socket, Connection>();
  // The events of TLS name another socket than those of TCP: the two ends of a connection join them.
  const inHandshake = new Map<string, Connection>();
  const byTlsSocket = new WeakMap<Socket, Connection>();
  let answers = 0;

  server.on('connection', (socket: Socket) => {
    if (connections.size >= MAX_CONNECTIONS) {
      const victim = findVictim(connections.values())?.socket ?? socket;
      onClosed();
      connections.delete(victim);
      victim.destroy();
      if (victim === socket) {
        return;
      }
    }

    const connection = { socket, requests: 0, lastAnswer: 0 };
    const ends = endsOf(socket);
    connections.set(socket, connection);
    inHandshake.set(ends, connection);
    socket.once('close', () => {
      connections.delete(socket);
      inHandshake.delete(ends);
    });
  });

  server.on('secureConnection', (tlsSocket: TLSSocket) => {
    const ends = endsOf(tlsSocket);
    const connection = inHandshake.get(ends);
    if (connection !== undefined) {
      inHandshake.delete(ends);
      byTlsSocket.set(tlsSocket, connection);
    }
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = byTlsSocket.get(request.socket);
    if (connection === undefined) {
      return;
    }
    connection.requests++;
    response.on('close', () => {
      connection.requests--;
      connection.lastAnswer = ++answers;
    });
  });
}

/** The connection to close, of all at the limit, the oldest first; undefined where all are busy. */
function findVictim(connections: Iterable<Connection>): Connection | undefined {
  let victim: Connection | undefined;
  for (const connection of connections) {
    if (connection.requests > 0) {
      continue;
    }
    if (connection.lastAnswer === 0) {
      return connection;
    }
    if (victim === undefined || connection.lastAnswer < victim.lastAnswer) {
      victim = connection;
    }
  }
  return victim;
}

function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
