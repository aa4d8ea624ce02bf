import type { Socket } from 'node:net';

/**
 * Resets a connection. One that is just being ended is closed instead: its reset fails with EINVAL, and then Node neither
 * closes the socket nor ends, but waits for it without a pause.
 */
export function resetConnection(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
