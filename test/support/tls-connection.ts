import { connect, type TLSSocket } from 'node:tls';
import type { Target } from './call.ts';

/** A TLS connection on which anything can be said. */
export type TlsConnection = Readonly<{
  socket: TLSSocket;
  /** What was read so far. */
  received: () => string;
  /** Resolves to all that was read once the other side has closed or broken the connection. */
  closed: Promise<string>;
}>;

/** Resolves once the handshake is done. */
export function openTlsConnection({ securePort, caPem }: Target): Promise<TlsConnection> {
  const socket = connect({ host: '127.0.0.1', port: securePort, ca: caPem, servername: 'localhost' });
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject).on('error', () => undefined);
      resolve({ socket, received: () => text, closed });
    });
  });
}
