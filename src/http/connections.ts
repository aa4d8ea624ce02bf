import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** API servers send a request as soon as they have connected; an unused connection is kept for this long. */
const GRACE_MS = 1_000;

/** The state of a connection, in plain numbers, because they change with every request. */
type Connection = {
  readonly socket: Socket;
  readonly connectedAt: number;
  /** Requests without an answer yet. */
  requests: number;
  /** The number of its last answer among the answers of the server; 0 if it has had none. */
  lastAnswer: number;
};

/** The connections of a server that are kept within a limit. */
export type LimitedConnections = Readonly<{
  /** Closes the connections that have not sent a request within the time of grace. */
  closeUnused: () => void;
}>;

/**
 * Keeps an HTTP or HTTPS server at no more than `max` connections. At the limit a new connection is accepted and
 * another one closed for it: the oldest that has never sent a request, if its time of grace is over; else the one that
 * has been idle the longest. If all are busy, the new one is closed. Node's own `maxConnections` always closes the new
 * one, so that unused connections would keep everybody out.
 *
 * @param onClosed called for every connection that is closed because of the limit
 */
export function limitConnections(server: Server, max: number, onClosed: () => void): LimitedConnections {
  // Maps keep the order of insertion: the oldest come first.
  const connections = new Map<Socket, Connection>();
  // TLS events have another socket than TCP events; the addresses of the connection join the two.
  const inHandshake = new Map<string, Connection>();
  const byTlsSocket = new WeakMap<Socket, Connection>();
  let answers = 0;

  server.on('connection', (socket: Socket) => {
    if (connections.size >= max) {
      const evicted = chooseEvicted(connections.values())?.socket ?? socket;
      onClosed();
      connections.delete(evicted);
      evicted.destroy();
      if (evicted === socket) {
        return;
      }
    }

    const connection = { socket, connectedAt: performance.now(), requests: 0, lastAnswer: 0 };
    const key = connectionKey(socket);
    connections.set(socket, connection);
    inHandshake.set(key, connection);
    socket.once('close', () => {
      connections.delete(socket);
      if (inHandshake.get(key) === connection) {
        inHandshake.delete(key);
      }
    });
  });

  server.on('secureConnection', (tlsSocket: TLSSocket) => {
    const key = connectionKey(tlsSocket);
    const connection = inHandshake.get(key);
    if (connection !== undefined) {
      inHandshake.delete(key);
      byTlsSocket.set(tlsSocket, connection);
    }
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = byTlsSocket.get(request.socket) ?? connections.get(request.socket);
    if (connection === undefined) {
      return;
    }
    connection.requests++;
    response.on('close', () => {
      connection.requests--;
      connection.lastAnswer = ++answers;
    });
  });

  return {
    closeUnused: () => {
      for (const connection of connections.values()) {
        if (isUnused(connection) && !isInGrace(connection)) {
          connection.socket.destroy();
        }
      }
    },
  };
}

/** The connection to close, of all in the order of their age; undefined if all are busy. */
function chooseEvicted(connections: Iterable<Connection>): Connection | undefined {
  let oldestUnused: Connection | undefined;
  let longestIdle: Connection | undefined;
  for (const connection of connections) {
    if (isUnused(connection)) {
      oldestUnused ??= connection;
    } else if (connection.requests === 0 && connection.lastAnswer < (longestIdle?.lastAnswer ?? Infinity)) {
      longestIdle = connection;
    }
  }
  // Many callers that connect at once must not displace one another while other connections are idle.
  return oldestUnused && isInGrace(oldestUnused)
    ? (longestIdle ?? oldestUnused)
    : (oldestUnused ?? longestIdle);
}

function isUnused({ requests, lastAnswer }: Connection): boolean {
  return requests === 0 && lastAnswer === 0;
}

function isInGrace({ connectedAt }: Connection): boolean {
  return performance.now() - connectedAt < GRACE_MS;
}

function connectionKey({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
