import { connect } from 'node:tls';
import type { Attack } from '../support/attack.ts';
import { type Opener, tcpTo, tlsTo } from '../support/attacker.ts';

const AT_ONCE = 16;
const RENEGOTIATIONS = 1_000;

/** Handshakes cost the webhook more than a request. */
export const handshakes: readonly Attack[] = [
  {
    name: '5,000 handshakes',
    run: ([replica], signal) => connectTimes(5_000, tlsTo(replica?.securePort ?? 0), signal),
  },
  {
    name: '5,000 connections closed before the handshake',
    run: ([replica], signal) => connectTimes(5_000, tcpTo(replica?.securePort ?? 0), signal),
  },
  {
    name: '20 connections that negotiate TLS again and again',
    run: ([replica], signal) =>
      Promise.all(Array.from({ length: 20 }, () => renegotiate(replica?.securePort ?? 0, signal))),
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

/** Resolves when the webhook has closed the connection, or has agreed often enough. */
function renegotiate(port: number, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', localAddress: '127.0.0.3', port };
    const socket = connect({ ...options, maxVersion: 'TLSv1.2', rejectUnauthorized: false });
    let left = RENEGOTIATIONS;
    const again = () => {
      if (left-- > 0 && !signal.aborted) {
        socket.renegotiate({}, (error) => (error === null ? again() : resolve(error)));
      } else {
        resolve(undefined);
      }
    };
    socket.on('error', resolve).once('close', resolve).once('secureConnect', again).resume();
  });
}
