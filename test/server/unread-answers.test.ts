import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { podReview } from '../builders/pod-review.ts';
import { call } from '../support/call.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { metric } from '../support/probe.ts';
import { startGatedServer } from '../support/start-gated-server.ts';
import { startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
/** Fewer than the lines that the log has for rejections in a second. */
const CLIENTS = 8;
/** Far more than the buffers of the kernel hold for all of them. */
const MAX_ROUNDS = 5_000;

/** Its answer has 12 KiB, because it repeats the uid, in which each character is escaped. */
const BODY = JSON.stringify(podReview({ uid: '\u{1}'.repeat(2_048) }));
const REQUEST = `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

suite('a client that never reads its answers', { timeout: 60_000 }, () => {
  test('is closed when they do not fit anywhere, takes little memory, and keeps nobody waiting', async (t) => {
    const webhook = await startTestWebhook(t);
    const sockets = await Promise.all(
      Array.from({ length: CLIENTS }, async () => (await openTlsConnection(webhook)).socket.pause()),
    );
    for (const socket of sockets) {
      t.after(() => socket.destroy());
    }
    const before = memoryInUse();
    let most = 0;
    let closed = 0;
    for (let round = 0; closed < CLIENTS && round < MAX_ROUNDS; round++) {
      // Each request has one line, for its decision or for its end. Who waits for it is not closed for being fast.
      const lines = webhook.log.length + CLIENTS - closed;
      for (const socket of sockets) {
        socket.write(REQUEST);
      }
      while (webhook.log.length < lines) {
        await nextTurn();
      }
      closed = webhook.log.filter((line) => line.includes('"msg":"connection closed"')).length;
      if (round % 50 === 0) {
        assert.equal((await call(webhook)).status, 200);
        most = Math.max(most, memoryInUse() - before);
      }
    }
    assert.equal(await metric(webhook, 'rejected_requests_total{reason="pipelined"}'), CLIENTS);
    assert.equal(await metric(webhook, 'requests_in_flight'), 0);
    assert(most < 20 * MIB, `${Math.round(most / MIB)} MiB`);
  });

  test('is closed after twice the time for a request, although it sends nothing more', async (t) => {
    const requestTimeoutMs = 1_000;
    const server = await startGatedServer(t, {
      maxConnections: 10,
      requestTimeoutMs,
      onRequest: (_, response) => response.end(Buffer.alloc(32 * MIB)),
    });
    const { socket } = await openTlsConnection(server);
    t.after(() => socket.destroy());
    socket.pause().write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await sleep(1.5 * requestTimeoutMs);
    assert.deepEqual(server.closed, []);
    await until('it to be closed', () => server.closed.length > 0);
    assert.deepEqual(server.closed, ['timeout 127.0.0.1']);
  });
});
