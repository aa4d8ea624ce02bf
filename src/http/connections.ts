import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type TLSSocket, Server as TlsServer } from 'node:tls';
import { type Connection, openConnection, stateOf } from './connection.ts';

/** The connections of a server, the oldest first, no more than its limit. */
export type Connections = Readonly<{
  all: () => Iterable<Connection>;
  /** The connection whose HTTP a socket carries; undefined if it is closed. */
  of: (stream: Socket) => Connection | undefined;
  /** Closes a connection; no request of it is found any more. */
  close: (connection: Connection) => void;
}>;

/**
 * Keeps an HTTP or HTTPS server at no more than `max` connections. At the limit, another one is closed for a new one.
 * Node's own `maxConnections` closes the new one, so that unused connections would keep everybody out.
 *
 * @param readClock returns the present time in milliseconds
 * @param onEvicted called with the address of each connection that is closed at the limit
 */
export function limitConnections(
  server: Server,
  max: number,
  readClock: () => number,
  onEvicted: (address: string) => void,
): Connections {
  const connections = new Set<Connection>();
  const byStream = new WeakMap<Socket, Connection>();
  /** The number of connections of each address. */
  const places = new Map<string, number>();
  // TLS events have another socket than TCP events; the addresses of the connection join the two.
  const inHandshake = new Map<string, Connection>();

  server.on('connection', (socket: Socket) => {
    const now = readClock();
    const address = socket.remoteAddress ?? '';
    if (connections.size >= max) {
      const evicted = chooseEvicted(connections, places, now);
      onEvicted(evicted?.address ?? address);
      if (evicted === undefined) {
        socket.destroy();
        return;
      }
      close(evicted);
    }

    const connection = openConnection(socket, address, now);
    connections.add(connection);
    places.set(address, (places.get(address) ?? 0) + 1);
    if (server instanceof TlsServer) {
      const key = connectionKey(socket);
      inHandshake.set(key, connection);
      socket.once('close', () => {
        if (inHandshake.get(key) === connection) {
          inHandshake.delete(key);
        }
      });
    } else {
      useStream(connection, socket);
    }
    socket.once('close', () => forget(connection));
  });

  server.on('secureConnection', (stream: TLSSocket) => {
    const key = connectionKey(stream);
    const connection = inHandshake.get(key);
    inHandshake.delete(key);
    if (connection !== undefined && connections.has(connection)) {
      useStream(connection, stream);
    }
  });

  return { all: () => connections, of: (stream) => byStream.get(stream), close };

  function useStream(connection: Connection, stream: Socket): void {
    connection.stream = stream;
    connection.bytesRead = connection.socket.bytesRead;
    byStream.set(stream, connection);
  }

  function close(connection: Connection): void {
    forget(connection);
    connection.socket.destroy();
  }

  function forget(connection: Connection): void {
    const { address, stream } = connection;
    if (!connections.delete(connection)) {
      return;
    }
    const others = (places.get(address) ?? 0) - 1;
    if (others > 0) {
      places.set(address, others);
    } else {
      places.delete(address);
    }
    if (stream !== undefined) {
      byStream.delete(stream);
    }
  }
}

function connectionKey({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

/** API servers send a request as soon as they have connected; an unused connection is kept for this long. */
export const UNUSED_GRACE_MS = 1_000;

/** An unfinished request is left alone for this long while another connection can go. */
const UNFINISHED_GRACE_MS = 500;

/**
 * Chooses the connection to close for a new one: the oldest unused one; else the one with the oldest unfinished
 * request; else the one that has been idle the longest. If there is none, or it is too young, it chooses among those
 * that wait for the rest of a request or of a handshake: the oldest one of the address that has the most connections.
 * Returns undefined if all wait for an answer.
 *
 * One look at each of at most 1,000 connections takes less time than to accept one.
 *
 * @param places the number of connections of each address
 */
export function chooseEvicted(
  connections: Iterable<Connection>,
  places: ReadonlyMap<string, number>,
  now: number,
): Connection | undefined {
  let oldestUnused: Connection | undefined;
  let oldestUnfinished: Connection | undefined;
  let longestIdle: Connection | undefined;
  let crowding: Connection | undefined;
  for (const connection of connections) {
    switch (stateOf(connection)) {
      case 'unused':
        oldestUnused = older(oldestUnused, connection);
        crowding = moreCrowding(crowding, connection, places);
        break;
      case 'unfinished':
        oldestUnfinished = older(oldestUnfinished, connection);
        crowding = moreCrowding(crowding, connection, places);
        break;
      case 'idle':
        longestIdle =
          longestIdle === undefined || connection.answerNumber < longestIdle.answerNumber
            ? connection
            : longestIdle;
        break;
      case 'waiting':
    }
  }

  if (oldestUnused !== undefined && now - waitingSince(oldestUnused) > UNUSED_GRACE_MS) {
    return oldestUnused;
  }
  if (oldestUnfinished !== undefined && now - waitingSince(oldestUnfinished) > UNFINISHED_GRACE_MS) {
    return oldestUnfinished;
  }
  return longestIdle ?? crowding;
}

function older(one: Connection | undefined, other: Connection): Connection {
  return one === undefined || waitingSince(other) < waitingSince(one) ? other : one;
}

function moreCrowding(
  one: Connection | undefined,
  other: Connection,
  places: ReadonlyMap<string, number>,
): Connection {
  const difference = (places.get(other.address) ?? 0) - (places.get(one?.address ?? '') ?? 0);
  return one === undefined || difference > 0 || (difference === 0 && older(one, other) === other)
    ? other
    : one;
}

/** The time since when the server waits for a request, or for the rest of one. */
function waitingSince({ begunAt, openedAt }: Connection): number {
  return Math.max(begunAt, openedAt);
}
