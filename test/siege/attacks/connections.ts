import type { Address, Attack, Replica } from '../support/attack.ts';
import { type Keeping, keepOpen, type Opener, tcpTo, tlsTo } from '../support/attacker.ts';
import { podBody, requestOf } from '../support/requests.ts';

const HANDSHAKE_BEGIN = '\x16\x03';
const DENIED = requestOf('/validate-pods', podBody('forbidden'.repeat(7)));

/** Connections that take a place and ask nothing, or never read. */
export const connections: readonly Attack[] = [
  { name: '1,000 silent connections after the handshake', run: keep(tlsTo) },
  { name: '1,000 silent connections before the handshake', run: keep(tcpTo) },
  {
    name: '1,000 connections in the middle of the handshake, from 100 addresses',
    run: keep((address) => tcpTo(address, 100), { use: (socket) => socket.write(HANDSHAKE_BEGIN) }),
  },
  {
    name: '1,000 connections that had an answer and are idle',
    run: keep(tlsTo, { use: (socket) => socket.write(DENIED) }),
  },
  {
    name: '300 connections that never read their answers',
    run: keep(tlsTo, {
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
    run: keep(tlsTo, {
      count: 100,
      use: (socket) =>
        socket.write(`POST /validate-pods HTTP/1.1\r\n${`X-Header: ${'x'.repeat(1_000)}\r\n`.repeat(1_000)}`),
    }),
  },
  {
    name: '200 connections that send no HTTP',
    run: keep(tlsTo, { count: 200, use: (socket) => socket.write('\0'.repeat(10_000)) }),
  },
];

function keep(
  openerTo: (address: Address) => Opener,
  options: Partial<Pick<Keeping, 'count' | 'use'>> = {},
): (replica: Replica, signal: AbortSignal) => Promise<unknown> {
  return ({ admission }, signal) => keepOpen({ open: openerTo(admission), count: 1_000, signal, ...options });
}
