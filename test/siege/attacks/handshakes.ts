import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Attack } from '../support/attack.ts';
import { keepOpen, type Opener, tcpTo, tlsTo } from '../support/attacker.ts';

const AT_ONCE = 16;

/** Handshakes cost the webhook more than a request. */
export const handshakes: readonly Attack[] = [
  {
    name: '5,000 handshakes',
    run: (replica, signal) => connectTimes(5_000, tlsTo(replica.admission), signal),
  },
  {
    name: '5,000 connections closed before the handshake',
    run: (replica, signal) => connectTimes(5_000, tcpTo(replica.admission), signal),
  },
  {
    name: '20 connections that negotiate TLS again and again',
    run: (replica, signal) =>
      keepOpen({
        open: tlsTo(replica.admission, 1, {
          secureContext: createSecureContext({ maxVersion: 'TLSv1.2' }),
        }),
        count: 20,
        signal,
        use: renegotiate,
      }),
  },
];

async function connectTimes(times: number, open: Opener, signal: AbortSignal): Promise<void> {
  let left = times;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0 && !signal.aborted) {
        (await open())?.destroy();
      }
    }),
  );
}

/** Asks again as soon as the webhook has agreed, until it closes the connection. */
function renegotiate(socket: Socket): void {
  if (socket instanceof TLSSocket) {
    socket.renegotiate({}, (error) => {
      if (error === null) {
        renegotiate(socket);
      }
    });
  }
}
