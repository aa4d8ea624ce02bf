import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A caller in good faith sends its request at once; until this long after it has connected it is let be. */
const NEWCOMER_MS = 1_000;

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
  // Maps and sets keep the order of insertion: the oldest come first.
  const silentSince = new Map<Socket, number>();
  const idle = new Set<Socket>();
  const busy = new Set<Socket>();
  // The events of TLS name another socket than those of TCP: the two ends of a connection join them.
  const inHandshake = new Map<string, Socket>();
  const rawSockets = new WeakMap<Socket, Socket>();

  server.on('connection', (socket: Socket) => {
    if (silentSince.size + idle.size + busy.size >= max) {
      const victim = chooseVictim() ?? socket;
      onClosed();
      forget(victim);
      victim.destroy();
      if (victim === socket) {
        return;
      }
    }

    silentSince.set(socket, performance.now());
    const ends = endsOf(socket);
    inHandshake.set(ends, socket);
    socket.once('close', () => {
      forget(socket);
      if (inHandshake.get(ends) === socket) {
        inHandshake.delete(ends);
      }
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
    const socket = rawSockets.get(request.socket) ?? request.socket;
    if (!isKnown(socket)) {
      return;
    }
    forget(socket);
    busy.add(socket);
    response.once('close', () => {
      if (busy.delete(socket)) {
        idle.add(socket);
      }
    });
  });

  return {
    closeSilent: () => {
      for (const [socket, since] of silentSince) {
        if (!isNewcomer(since)) {
          socket.destroy();
        }
      }
    },
  };

  function chooseVictim(): Socket | undefined {
    const [oldestSilent] = silentSince;
    const [longestIdle] = idle;
    // Many callers at once must not be closed for one another while others do nothing.
    return oldestSilent && (longestIdle === undefined || !isNewcomer(oldestSilent[1]))
      ? oldestSilent[0]
      : longestIdle;
  }

  function isNewcomer(since: number): boolean {
    return performance.now() - since < NEWCOMER_MS;
  }

  function isKnown(socket: Socket): boolean {
    return silentSince.has(socket) || idle.has(socket) || busy.has(socket);
  }

  function forget(socket: Socket): void {
    silentSince.delete(socket);
    idle.delete(socket);
    busy.delete(socket);
  }
}

function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
