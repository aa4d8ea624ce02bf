import { connect, type SecureContext, type TLSSocket } from 'node:tls';

/** Where a server listens, and the certificates to verify its own with. */
export type Target = Readonly<{ port: number; secureContext: SecureContext }>;

export type ConnectionListener = Readonly<{
  onAnswer: (status: number, body: Buffer) => void;
  onError: (error: Error) => void;
}>;

/** A keep-alive connection that carries one request at a time. */
export type Connection = Readonly<{
  send: (request: Buffer, listener: ConnectionListener) => void;
  close: () => void;
}>;

const HEAD_END = '\r\n\r\n';

/** Opens a verified TLS connection, by a full handshake. */
export function openSocket({ port, secureContext }: Target): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/**
 * Opens a connection for whole requests made beforehand. It parses no more of an answer than its status and
 * length, for the client must cost far less than the server.
 */
export async function openConnection(target: Target): Promise<Connection> {
  const socket = await openSocket(target);
  socket.setNoDelay(true);
  let listener: ConnectionListener | undefined;
  let failure: Error | undefined;
  let pending: Buffer | undefined;

  socket.on('data', (chunk: Buffer) => {
    pending = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    const headEnd = pending.indexOf(HEAD_END);
    if (headEnd === -1) {
      return;
    }
    const head = pending.toString('latin1', 0, headEnd);
    const start = headEnd + HEAD_END.length;
    const end = start + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (pending.length < end) {
      return;
    }
    if (pending.length !== end || listener === undefined) {
      fail(new Error(`expected one answer with a content-length, found: ${pending.toString('latin1')}`));
      return;
    }

    const body = pending.subarray(start, end);
    const { onAnswer } = listener;
    pending = undefined;
    listener = undefined;
    onAnswer(Number(head.slice(9, 12)), body);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed a connection')));

  function fail(error: Error): void {
    failure ??= error;
    listener?.onError(failure);
    listener = undefined;
  }

  return {
    send: (request, next) => {
      if (failure !== undefined) {
        next.onError(failure);
        return;
      }
      listener = next;
      socket.write(request);
    },
    close: () => socket.destroy(),
  };
}
