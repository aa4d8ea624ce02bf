import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Target } from './call.ts';

/** A connection on which anything can be sent. */
export type Connection<Stream extends Socket = Socket> = Readonly<{
  socket: Stream;
  /** The text that was read so far. */
  received: () => string;
  /** Resolves to all that was read once the other side has closed or broken the connection. */
  closed: Promise<string>;
}>;

/** A TLS connection on which anything can be sent. */
export type TlsConnection = Connection<TLSSocket>;

/** Opens a TLS connection, and resolves when the handshake is done. */
export function openTlsConnection({ securePort, caPem }: Target): Promise<TlsConnection> {
  return observe(
    connectTls({ host: '127.0.0.1', port: securePort, ca: caPem, servername: 'localhost' }),
    'secureConnect',
  );
}

/** Opens a plain connection to the probe port. */
export function openPlainConnection({ probePort }: Readonly<{ probePort: number }>): Promise<Connection> {
  return observe(connect({ host: '127.0.0.1', port: probePort }), 'connect');
}

async function observe<Stream extends Socket>(socket: Stream, opened: string): Promise<Connection<Stream>> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
  });
  await once(socket, opened);
  socket.on('error', () => undefined);
  return { socket, received: () => text, closed };
}
