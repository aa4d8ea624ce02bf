import type { Attack, Replica } from '../support/attack.ts';
import { type Keeping, keepOpen, type Opener, tcpTo, tlsTo } from '../support/attacker.ts';
import { podBody, requestOf } from '../support/requests.ts';

const SECOND_HANDSHAKE_BYTE = '\x16\x03';
const DENIED = requestOf('/validate-pods', podBody('forbidden'.repeat(7)));

/** Connections that take a place and ask nothing, or never read. */
export const connections: readonly Attack[] = [
  { name: '1,000 silent connections after the handshake', run: keep((port) => tlsTo(port)) },
  { name: '1,000 silent connections before the handshake', run: keep((port) => tcpTo(port)) },
  {
    name: '1,000 connections in the middle of the handshake, from 100 addresses',
    run: keep((port) => tcpTo(port, 100), { use: (socket) => socket.write(SECOND_HANDSHAKE_BYTE) }),
  },
  {
    name: '1,000 connections that had an answer and are idle',
    run: keep((port) => tlsTo(port), { use: (socket) => socket.write(DENIED) }),
  },
  {
    name: '300 connections that never read their answers',
    run: keep((port) => tlsTo(port), {
      count: 300,
      use: (socket) => {
        socket.pause();
        for (let turn = 0; turn < 200; turn++) {
          socket.write(DENIED);
        }
      },
    }),
  },
  {
    name: '100 connections with heads of a megabyte',
    run: keep((port) => tlsTo(port), {
      count: 100,
      use: (socket) =>
        socket.write(`POST /validate-pods HTTP/1.1\r\n${`X-Header: ${'x'.repeat(1_000)}\r\n`.repeat(1_000)}`),
    }),
  },
  {
    name: '200 connections that send no HTTP',
    run: keep((port) => tlsTo(port), { count: 200, use: (socket) => socket.write('\0'.repeat(10_000)) }),
  },
];

function keep(
  opener: (port: number) => Opener,
  options: Partial<Pick<Keeping, 'count' | 'use'>> = {},
): (replicas: readonly Replica[], signal: AbortSignal) => Promise<unknown> {
  return (replicas, signal) =>
    Promise.all(
      replicas.map(({ securePort }) =>
        keepOpen({ open: opener(securePort), count: 1_000, signal, ...options }),
      ),
    );
}
