import type { Socket } from 'node:net';
import type { Attack, Replica } from '../support/attack.ts';
import { keepOpen, tcpTo } from '../support/attacker.ts';
import { getOf, headOf } from '../support/requests.ts';

const METRICS = getOf('/metrics');

/** The port of the probes speaks plain HTTP with everybody, and must not lose a kubelet. */
export const probePort: readonly Attack[] = [
  {
    name: '104 unfinished requests of 4 bytes on the probe port, renewed every 6 s',
    durationMs: 10_000,
    run: hold(104, { use: (socket) => socket.write('POST'), renewMs: 6_000 }),
  },
  {
    name: '104 unfinished POST bodies on the probe port',
    run: hold(104, { use: (socket) => socket.write(`${headOf('/livez', 4_000)}{`), renewMs: 6_000 }),
  },
  {
    name: '20,000 GET /metrics at once on one connection',
    run: hold(1, { use: (socket) => socket.write(Buffer.concat(Array(20_000).fill(METRICS))) }),
  },
  {
    name: 'GET /metrics on 50 connections, again and again',
    run: hold(50, { use: ask }),
  },
  { name: '300 silent connections to the probe port', run: hold(300) },
  {
    name: '50 connections that send 16 MiB to the probe port',
    run: hold(50, {
      use: (socket) => socket.write(headOf('/livez', 16 * 1024 * 1024) + ' '.repeat(16 * 1024 * 1024)),
    }),
  },
  {
    name: '90 connections that ask for /metrics and never read',
    run: hold(90, {
      use: (socket) => {
        socket.pause();
        socket.write(Buffer.concat(Array(200).fill(METRICS)));
      },
    }),
  },
];

/** One request at a time, the next as soon as the answer begins. */
function ask(socket: Socket): void {
  socket.on('data', (chunk: Buffer) => {
    if (chunk.toString('latin1', 0, 5) === 'HTTP/') {
      socket.write(METRICS);
    }
  });
  socket.write(METRICS);
}

function hold(
  count: number,
  options: Readonly<{ use?: (socket: Socket) => unknown; renewMs?: number }> = {},
): (replica: Replica, signal: AbortSignal) => Promise<unknown> {
  return ({ probes }, signal) => keepOpen({ open: tcpTo(probes), count, signal, ...options });
}
