import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GOOD_BODY } from '../builders/pod-review.ts';
import { call, type Target } from '../support/call.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { metric } from '../support/probe.ts';
import { type GatedServer, startGatedServer } from '../support/start-gated-server.ts';
import { startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection, type TlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const LIMIT = 1_000;
const EXCESS = 100;
const SMALL_LIMIT = 10;
const NEWCOMER_MS = 1_000;
const CLOSED = 'rejected_requests_total{reason="too-many-connections"}';
const REQUEST = `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`;

/** Connects without a word. */
async function openSilent(t: Cleanup, { securePort }: Target, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  // The kernel holds only some hundred connections that the server has not accepted.
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(100, count - sockets.length) }, async () => {
      const socket = connect({ host: '127.0.0.1', port: securePort });
      t.after(() => socket.destroy());
      await once(socket, 'connect');
      return socket.on('error', () => undefined);
    });
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

/** Connects, has each connection answered once, and leaves them open. */
async function openIdle(t: Cleanup, target: Target, count: number): Promise<readonly TlsConnection[]> {
  const connections: TlsConnection[] = [];
  while (connections.length < count) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(50, count - connections.length) }, () => openTlsConnection(target)),
    );
    for (const { socket } of batch) {
      t.after(() => socket.destroy());
      socket.write(REQUEST);
    }
    await until('all answered', () => batch.every(({ received }) => received().startsWith('HTTP/1.1 200 ')));
    connections.push(...batch);
  }
  return connections;
}

/** Connects, and sends a request without its last byte on each connection. */
async function openUnfinished(t: Cleanup, target: Target, count: number): Promise<readonly TlsConnection[]> {
  const connections = await openIdle(t, target, count);
  for (const { socket } of connections) {
    socket.write(REQUEST.slice(0, -1));
  }
  return connections;
}

type SmallServer = GatedServer & Readonly<{ received: () => number }>;

/** A server that keeps no more than a few connections. It answers 200 when a body has ended, but not before it may. */
async function startSmallServer(t: Cleanup, mayAnswer = Promise.resolve()): Promise<SmallServer> {
  let received = 0;
  const server = await startGatedServer(t, {
    maxConnections: SMALL_LIMIT,
    requestTimeoutMs: 60_000,
    onRequest: (request, response) => {
      request.resume().once('end', async () => {
        received++;
        await mayAnswer;
        response.end();
      });
    },
  });
  return { ...server, received: () => received };
}

/** Calls on new connections, one after the other. */
async function callInARow(target: Target): Promise<void> {
  for (let time = 0; time < 3; time++) {
    assert.equal((await call(target)).status, 200);
  }
}

suite('the limit of connections', () => {
  test('answers good requests beside more silent connections than 1,000, and closes some', async (t) => {
    const webhook = await startTestWebhook(t);
    const silent = await openSilent(t, webhook, LIMIT + EXCESS);
    await callInARow(webhook);
    // All of them, because on a slow machine the first may have come to the end of the time for their handshake.
    const closed = silent.filter(({ destroyed }) => destroyed).length;
    assert(closed >= EXCESS, `${closed} closed`);
  });

  test('closes the longest idle ones, and no newcomer for another', async (t) => {
    const server = await startSmallServer(t);
    const [oldest] = await openIdle(t, server, 1);
    const others = await openIdle(t, server, SMALL_LIMIT - 1);
    await callInARow(server);
    await until('the longest idle one to be closed', () => oldest?.socket.destroyed);
    assert(others.slice(3).every(({ socket }) => !socket.destroyed));

    const answers = await Promise.all(Array.from({ length: SMALL_LIMIT / 2 }, () => call(server)));
    assert(answers.every(({ status }) => status === 200));
  });

  test('closes those with an unfinished body', async (t) => {
    const server = await startSmallServer(t);
    const connections = await openUnfinished(t, server, SMALL_LIMIT);
    await callInARow(server);
    await until('some of them to be closed', () => connections.some(({ socket }) => socket.destroyed));
  });

  test('keeps a connection that is busy or idle, and closes the oldest silent one', async (t) => {
    const server = await startSmallServer(t);
    const [silent, ...others] = await openSilent(t, server, SMALL_LIMIT - 2);
    const [idle] = await openIdle(t, server, 1);
    const [busy] = await openUnfinished(t, server, 1);
    // Younger ones may still be busy with their handshake.
    await sleep(NEWCOMER_MS);

    await call(server);
    await until('the oldest to be closed', () => silent?.destroyed);
    assert(others.every(({ destroyed }) => !destroyed));
    assert.deepEqual(server.closed, ['too-many-connections 127.0.0.1']);
    busy?.socket.write(REQUEST.slice(-1));
    idle?.socket.write(REQUEST);
    for (const connection of [busy, idle]) {
      await until('a second answer', () => connection?.received().split('HTTP/1.1 200 ').length === 3);
    }
  });

  test('closes the newcomer when all wait for their answer', async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const server = await startSmallServer(t, promise);
    const busy = await Promise.all(Array.from({ length: SMALL_LIMIT }, () => openTlsConnection(server)));
    for (const { socket } of busy) {
      t.after(() => socket.destroy());
      socket.write(REQUEST);
    }
    await until('all requests read', () => server.received() === SMALL_LIMIT);
    await assert.rejects(call(server));
    resolve();
    await until('all answered', () => busy.every(({ received }) => received().startsWith('HTTP/1.1 200 ')));
  });

  test('forgets connections however they end', async (t) => {
    const webhook = await startTestWebhook(t);
    const agent = new Agent({ keepAlive: true });
    for (let round = 0; round < 8; round++) {
      const silent = await openSilent(t, webhook, 100);
      silent.forEach((socket, index) => {
        socket.write(['\x16\x03', 'GET / HTTP/1.1\r\n\r\n', ''][index % 3] ?? '');
        if (index % 2 === 0) {
          socket.resetAndDestroy();
        } else {
          socket.destroy();
        }
      });
      const connections = await Promise.all(Array.from({ length: 40 }, () => openTlsConnection(webhook)));
      connections.forEach(({ socket }, index) => {
        socket.write([REQUEST, REQUEST.slice(0, -1), REQUEST + REQUEST, 'nonsense\r\n\r\n'][index % 4] ?? '');
        setImmediate(() => socket.destroy());
      });
      await Promise.all(Array.from({ length: 10 }, () => call(webhook, { agent })));
    }
    agent.destroy();
    await until('nothing in flight', async () => (await metric(webhook, 'requests_in_flight')) === 0);

    await openSilent(t, webhook, LIMIT - 1);
    await call(webhook);
    assert.equal(await metric(webhook, CLOSED), 0);
  });
});
