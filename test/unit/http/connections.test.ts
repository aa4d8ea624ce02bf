import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { type Connection, openConnection } from '../../../src/http/connection.ts';
import { chooseEvicted, limitConnections } from '../../../src/http/connections.ts';

const NOW = 10_000;
const US = '10.0.0.1';
const THEM = '10.0.0.2';

type State = Partial<Omit<Connection, 'socket' | 'address'>>;

function response(complete: boolean): ServerResponse {
  const request = new IncomingMessage(new Socket());
  request.complete = complete;
  return new ServerResponse(request);
}

const unused = (age: number): State => ({ openedAt: NOW - age });
const unfinishedHead = (age: number): State => ({ openedAt: 0, begunAt: NOW - age });
const unfinishedBody = (age: number): State => ({ ...unfinishedHead(age), response: response(false) });
const rejectedBody = (age: number): State => ({ ...unfinishedBody(age), isAnswered: true });
const nextHead = (age: number): State => ({ ...unfinishedHead(age), isAnswered: true, answerNumber: 1 });
const waiting = (age: number): State => ({ ...unfinishedHead(age), response: response(true) });
const idle = (answerNumber: number): State => ({ openedAt: 0, isAnswered: true, answerNumber });
const justAnswered = (answerNumber: number): State => ({ ...waiting(100), isAnswered: true, answerNumber });

/** Each table: the connections with their address, of which the one with a `true` is closed. */
const CASES: Readonly<Record<string, readonly (readonly [State, string, boolean?])[]>> = {
  'the oldest unused one': [
    [unfinishedBody(3_000), THEM],
    [unused(1_100), THEM],
    [unused(1_200), US, true],
    [idle(1), US],
  ],
  'the oldest unfinished body if the unused are young': [
    [unused(900), THEM],
    [unfinishedBody(600), THEM],
    [unfinishedBody(3_000), US, true],
    [idle(1), US],
  ],
  'an unfinished head': [
    [unfinishedHead(600), US, true],
    [unfinishedBody(550), THEM],
    [idle(1), THEM],
  ],
  'an unfinished head after an answer': [
    [nextHead(600), US, true],
    [unfinishedBody(550), THEM],
    [idle(1), US],
  ],
  'a body that was rejected and still arrives': [
    [rejectedBody(600), US, true],
    [unfinishedBody(550), US],
  ],
  'the one that is idle the longest if the unfinished are young': [
    [unfinishedBody(400), THEM],
    [waiting(5_000), THEM],
    [justAnswered(3), THEM],
    [idle(2), US, true],
    [idle(4), US],
  ],
  'one that was just answered': [
    [unfinishedBody(400), THEM],
    [justAnswered(3), US, true],
  ],
  'the oldest unfinished one of the address with the most connections': [
    [unfinishedBody(400), US],
    [unfinishedBody(100), THEM],
    [unfinishedBody(200), THEM, true],
    [waiting(9_000), THEM],
    [waiting(9_000), US],
  ],
  'one in the handshake of the address with the most connections': [
    [unfinishedBody(400), US],
    [unused(300), THEM, true],
    [unfinishedHead(200), THEM],
  ],
  'one of another address if those of the largest all wait for an answer': [
    [waiting(400), THEM],
    [waiting(400), THEM],
    [unfinishedHead(10), US, true],
  ],
  'none that waits for an answer': [
    [waiting(9_000), THEM],
    [waiting(1), US],
  ],
};

suite('the connection that is closed at the limit', () => {
  for (const [name, rows] of Object.entries(CASES)) {
    test(`is ${name}`, () => {
      const places = new Map<string, number>();
      const connections = rows.map(([state, address]) => {
        places.set(address, (places.get(address) ?? 0) + 1);
        return Object.assign(openConnection(new Socket(), address, 0), state);
      });
      const expected = connections[rows.findIndex(([, , isClosed]) => isClosed)];
      assert.equal(chooseEvicted(connections, places, NOW), expected);
      assert.equal(chooseEvicted(connections.toReversed(), places, NOW), expected);
    });
  }
});

/** A socket of a peer, for a server that does not listen. */
function socketOf(remoteAddress: string): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
}

test('connections that have ended do not count for their address', async () => {
  const server = createServer();
  const evicted: string[] = [];
  limitConnections(
    server,
    2,
    () => 0,
    (address) => evicted.push(address),
  );
  const former = socketOf(THEM);
  server.emit('connection', former);
  former.destroy();
  await once(former, 'close');
  for (const address of [US, THEM, US]) {
    server.emit('connection', socketOf(address));
  }
  assert.deepEqual(evicted, [US]);
});
