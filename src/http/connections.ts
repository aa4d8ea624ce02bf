import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A caller in good faith sends its request at once; until this long after it has connected it is let be. */
const NEWCOMER_MS = 1_000;

/** What is known of a connection. Plain numbers, since they change with every request. */
type Connection = {
  readonly socket: Socket;
  readonly connectedAt: number;
  /** Requests without an answer yet. */
  requests: number;
  /** The place of its last answer among all answers; 0 where there has been none. */
  lastAnswer: number;
};

/** The connections of a server that are kept within a limit. */
export type LimitedConnections = Readonly<{
  /** Closes those that have not sent a request although they have had the time to. */
  closeSilent: () => void;
}>;

/**
 * Keeps a server of HTTP or HTTPS at no more than `max` connections. At the limit the newcomer is let in, and
 * the oldest connection that has not yet sent a request is closed for it, if it has had the time to; else the
 * one that has been idle the longest; else, where all are busy, the newcomer. Node's own `maxConnections`
 * always closes the newcomer, so that connections which say nothing would keep everybody out.
 *
 * @param onClosed is told of every connection closed for the limit
 */
export function limitConnections(server: Server, max: number, onClosed: () => void): LimitedConnections {
  // Maps keep the order of insertion: the oldest come first.
  const connections = new Map<Socket, Connection>();
  // The events of TLS name another socket than those of TCP: the two ends of a connection join them.
  const inHandshake = new Map<string, Connection>();
  const byTlsSocket = new WeakMap<Socket, Connection>();
  let answers = 0;

  server.on('connection', (socket: Socket) => {
    if (connections.size >= max) {
      const victim = findVictim(connections.values())?.socket ?? socket;
      onClosed();
      connections.delete(victim);
      victim.destroy();
      if (victim === socket) {
        return;
      }
    }

    const connection = { socket, connectedAt: performance.now(), requests: 0, lastAnswer: 0 };
    const ends = endsOf(socket);
    connections.set(socket, connection);
    inHandshake.set(ends, connection);
    socket.once('close', () => {
      connections.delete(socket);
      if (inHandshake.get(ends) === connection) {
        inHandshake.delete(ends);
      }
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
    closeSilent: () => {
      for (const connection of connections.values()) {
        if (isSilent(connection) && !isNewcomer(connection)) {
          connection.socket.destroy();
        }
      }
    },
  };
}

/** The connection to close, of all at the limit, the oldest first; undefined where all are busy. */
function findVictim(connections: Iterable<Connection>): Connection | undefined {
  let oldestSilent: Connection | undefined;
  let longestIdle: Connection | undefined;
  for (const connection of connections) {
    if (isSilent(connection)) {
      oldestSilent ??= connection;
    } else if (connection.requests === 0 && connection.lastAnswer < (longestIdle?.lastAnswer ?? Infinity)) {
      longestIdle = connection;
    }
  }
  // Many callers at once must not be closed for one another while others do nothing.
  return oldestSilent && isNewcomer(oldestSilent)
    ? (longestIdle ?? oldestSilent)
    : (oldestSilent ?? longestIdle);
}

function isSilent({ requests, lastAnswer }: Connection): boolean {
  return requests === 0 && lastAnswer === 0;
}

function isNewcomer({ connectedAt }: Connection): boolean {
  return performance.now() - connectedAt < NEWCOMER_MS;
}

function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
