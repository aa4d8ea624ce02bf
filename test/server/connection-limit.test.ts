import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { limitConnections } from '../../src/http/connections.ts';
import { createHttpsServer, listen } from '../../src/http/https-server.ts';
import { GOOD_BODY } from '../builders/pod-review.ts';
import { call, type Target } from '../support/call.ts';
import { makeCertificate } from '../support/certificate.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { metric } from '../support/probe.ts';
import { type StartedWebhook, startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection, type TlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const LIMIT = 1_000;
const SMALL_LIMIT = 10;
const NEWCOMER_MS = 1_000;
const CLOSED = 'rejected_requests_total{reason="too-many-connections"}';
const REQUEST = `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`;

/** Connects without a word. */
async function openSilent(t: Cleanup, { securePort }: Target, count: number): Promise<readonly Socket[]> {
  const sockets = await Promise.all(
    Array.from({ length: count }, () => {
      const socket = connect({ host: '127.0.0.1', port: securePort });
      t.after(() => socket.destroy());
      return new Promise<Socket>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('connect', () => resolve(socket.off('error', reject).on('error', () => undefined)));
      });
    }),
  );
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

/** The shortest of three calls: the machine may be busy with other things during one of them. */
async function secondsOfCall(webhook: StartedWebhook): Promise<number> {
  const seconds: number[] = [];
  for (let time = 0; time < 3; time++) {
    const start = performance.now();
    assert.equal((await call(webhook)).status, 200);
    seconds.push((performance.now() - start) / 1000);
  }
  return Math.min(...seconds);
}

/** A server that keeps no more than a few connections, and answers a request with 200 once its body has ended. */
async function startSmallServer(t: Cleanup): Promise<Target & Readonly<{ closed: () => number }>> {
  const { caPem, certPem, keyPem } = await makeCertificate();
  const server = createHttpsServer({ cert: certPem, key: keyPem });
  let closed = 0;
  limitConnections(server, SMALL_LIMIT, () => closed++);
  server.on('request', (request, response) => request.resume().once('end', () => response.end()));
  const securePort = await listen(server, { address: '127.0.0.1', port: 0, flag: 'secure-port' });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { securePort, caPem, closed: () => closed };
}

suite('the limit of connections', () => {
  test('answers a good request within a second beside 1,000 connections that send nothing', async (t) => {
    const webhook = await startTestWebhook(t);
    await openSilent(t, webhook, LIMIT);
    const seconds = await secondsOfCall(webhook);
    assert(seconds < 1, `${seconds} s`);
    assert((await metric(webhook, CLOSED)) > 0);
  });

  test('answers a good request within a second beside 1,000 that are idle, and closes the longest idle ones', async (t) => {
    const webhook = await startTestWebhook(t);
    const [oldest] = await openIdle(t, webhook, 1);
    const others = await openIdle(t, webhook, LIMIT - 1);
    const seconds = await secondsOfCall(webhook);
    assert(seconds < 1, `${seconds} s`);
    await until('the longest idle one to be closed', () => oldest?.socket.destroyed);
    assert(others.slice(3).every(({ socket }) => !socket.destroyed));

    // No newcomer is closed for another.
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(webhook)));
    assert(answers.every(({ status }) => status === 200));
  });

  test('keeps a connection that is busy or idle, and closes the oldest silent one', async (t) => {
    const server = await startSmallServer(t);
    const [silent, ...others] = await openSilent(t, server, SMALL_LIMIT - 2);
    const [idle] = await openIdle(t, server, 1);
    const busy = await openTlsConnection(server);
    busy.socket.write(REQUEST.slice(0, -1));
    // Younger ones may still be busy with their handshake.
    await sleep(NEWCOMER_MS);

    await call(server);
    await until('the oldest to be closed', () => silent?.destroyed);
    assert(others.every(({ destroyed }) => !destroyed));
    busy.socket.write(REQUEST.slice(-1));
    idle?.socket.write(REQUEST);
    await until('an answer on the busy one', () => busy.received().startsWith('HTTP/1.1 200 '));
    await until('two answers on the idle one', () => idle?.received().split('HTTP/1.1 200 ').length === 3);
    busy.socket.destroy();
  });

  test('closes the newcomer where all are busy', async (t) => {
    const server = await startSmallServer(t);
    const busy = await openIdle(t, server, SMALL_LIMIT);
    for (const { socket } of busy) {
      await new Promise<unknown>((resolve) => socket.write(REQUEST.slice(0, -1), resolve));
    }
    // What the server has not read yet it reads before it accepts another.
    await assert.rejects(until('a call refused', async () => (await call(server)).status !== 200));
    assert(busy.every(({ socket }) => !socket.destroyed));
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
