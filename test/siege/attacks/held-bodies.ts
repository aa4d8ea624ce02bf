import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOfSize } from '../../builders/pod-review.ts';
import type { Attack, Replica } from '../support/attack.ts';
import { keepOpen, sendInTurn, tlsTo, writeAll } from '../support/attacker.ts';
import { headOf, requestOf } from '../support/requests.ts';

const MIB = 1024 * 1024;
const PATH = '/validate-pods';
const CHUNKED = `POST ${PATH} HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** Requests that are begun and not finished. */
export const heldBodies: readonly Attack[] = [
  {
    name: '1,100 connections with an unfinished small body, renewed every 9 s',
    durationMs: 10_000,
    run: hold(1_100, `${headOf(PATH, 4_000)}{`, { renewMs: 9_000 }),
  },
  {
    name: '1,100 connections with an unfinished small body, from 100 addresses',
    run: hold(1_100, `${headOf(PATH, 4_000)}{`, { renewMs: 9_000, addresses: 100 }),
  },
  {
    name: '990 connections that hold 250,000 of 262,144 bytes, and large bodies',
    durationMs: 10_000,
    run: (replica, signal) =>
      Promise.all([
        hold(990, headOf(PATH, 262_144) + ' '.repeat(250_000))(replica, signal),
        sendLargeBodies(replica, signal),
      ]),
  },
  {
    name: '990 connections that hold 250,000 bytes in chunks, and large bodies',
    durationMs: 8_000,
    run: (replica, signal) =>
      Promise.all([
        hold(990, `${CHUNKED}3d090\r\n${' '.repeat(250_000)}\r\n`)(replica, signal),
        sendLargeBodies(replica, signal),
      ]),
  },
  {
    name: '30 connections that send 100,000 chunks of one byte',
    run: hold(30, CHUNKED + '1\r\n \r\n'.repeat(100_000)),
  },
  {
    name: '4 connections that declare 16 MiB and send one byte',
    honest: ['pod of 300 KiB'],
    run: hold(4, `${headOf(PATH, 16 * MIB)}{`),
  },
  {
    name: '40 connections that hold 15 of 16 MiB',
    honest: ['pod', 'pod of 300 KiB'],
    run: hold(40, headOf(PATH, 16 * MIB) + ' '.repeat(15 * MIB)),
  },
  {
    name: '500 connections that send a byte a second',
    run: hold(500, `${headOf(PATH, 4_000)}{`, { use: (socket, signal) => drip(socket, ' ', signal) }),
  },
  {
    name: '1,000 connections with an unfinished head, a byte a second',
    run: hold(1_000, `POST ${PATH} HTTP/1.1\r\nHost: a\r\nX-Header: `, {
      use: (socket, signal) => drip(socket, 'x', signal),
    }),
  },
];

type HoldOptions = Readonly<{
  renewMs?: number;
  addresses?: number;
  use?: (socket: Socket, signal: AbortSignal) => unknown;
}>;

/** Holds connections after sending the same bytes on all of them. */
function hold(
  count: number,
  text: string,
  { renewMs = 60_000, addresses = 1, use = () => undefined }: HoldOptions = {},
): (replica: Replica, signal: AbortSignal) => Promise<unknown> {
  const bytes = Buffer.from(text);
  return (replica, signal) =>
    keepOpen({
      open: tlsTo(replica.admission, addresses),
      count,
      renewMs,
      signal,
      use: (socket) => {
        socket.write(bytes);
        return use(socket, signal);
      },
    });
}

async function drip(socket: Socket, byte: string, signal: AbortSignal): Promise<void> {
  while (!socket.destroyed && !signal.aborted) {
    await writeAll(socket, byte);
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  }
}

/** Two at a time, once most of the others are held. */
async function sendLargeBodies(replica: Replica, signal: AbortSignal): Promise<unknown> {
  const request = requestOf(PATH, bodyOfSize(15 * MIB));
  await sleep(5_000, undefined, { signal }).catch(() => undefined);
  const send = () => sendInTurn(tlsTo(replica.admission), [request], 1_000, signal);
  return Promise.all([send(), send()]);
}
