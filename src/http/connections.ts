import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type TLSSocket, Server as TlsServer } from 'node:tls';
import { type Connection, openConnection } from './connection.ts';
import { chooseEvicted } from './eviction.ts';

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
