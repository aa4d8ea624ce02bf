import type { Socket } from 'node:net';

/** Which of a server's connections are silent. */
export type Silence = {
  /** Takes a new connection in, which is silent when it comes during a silence. */
  add(socket: Socket): void;
  covers(socket: Socket): boolean;
  /** Every connection there is, and every new one until `end`, is silent for good. */
  begin(): void;
  end(): void;
  /** Cuts every connection. */
  cutAll(): void;
};

export function createSilence(): Silence {
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let active = false;
  return {
    add(socket) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (active) {
        silent.add(socket);
      }
    },
    covers: (socket) => silent.has(socket),
    begin() {
      active = true;
      for (const socket of sockets) {
        silent.add(socket);
      }
    },
    end() {
      active = false;
    },
    cutAll() {
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
