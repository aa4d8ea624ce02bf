import type { Socket } from 'node:net';
import { bodyOfSize } from '../../builders/pod-review.ts';
import type { Attack } from '../support/attack.ts';
import { type Opener, tlsTo } from '../support/attacker.ts';
import { podBody, requestOf } from '../support/requests.ts';

const REQUESTS = 200_000;
const CONNECTIONS = 16;

/** What must not be taken for an attack: none of these connections may be closed. */
export const honestLoad: readonly Attack[] = [
  {
    name: '200,000 requests back to back on 16 connections',
    durationMs: 120_000,
    run: (replica, signal) =>
      loadAll(tlsTo(replica.admission), [requestOf('/validate-pods', podBody())], REQUESTS, signal),
  },
  {
    name: 'bodies of exact multiples of 64 KiB, and a byte less and more',
    durationMs: 60_000,
    run: (replica, signal) => {
      const sizes = [1, 2, 3, 4, 5, 8].flatMap((times) => [-1, 0, 1].map((more) => times * 65_536 + more));
      const requests = sizes.map((size) => requestOf('/validate-pods', bodyOfSize(size)));
      return loadAll(tlsTo(replica.admission), requests, 1_800, signal);
    },
  },
];

/** Resolves to a complaint if a connection was closed or an answer was no 200. */
async function loadAll(
  open: Opener,
  requests: readonly Buffer[],
  total: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const complaints = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, index) => {
      const socket = await open();
      return socket === undefined ? 'not let in' : load(socket, requests, index, total / CONNECTIONS, signal);
    }),
  );
  return complaints.find((complaint) => complaint !== undefined);
}

function load(
  socket: Socket,
  requests: readonly Buffer[],
  first: number,
  times: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let turn = 0;
    const next = () => socket.write(requests[(first + turn) % requests.length] ?? '');
    socket.on('data', (answer: Buffer) => {
      turn++;
      if (!answer.toString('latin1', 0, 12).startsWith('HTTP/1.1 200')) {
        resolve(`answer ${turn} on a connection: ${answer.toString('latin1', 0, 100)}`);
      } else if (turn >= times) {
        resolve(undefined);
      } else {
        next();
      }
    });
    signal.addEventListener('abort', () => resolve(`${turn} answers in time`));
    socket.once('close', () => resolve(`a connection closed after ${turn} answers`));
    next();
  });
}
