import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bodyOfSize } from '../builders/pod-review.ts';
import { type CallAnswer, call } from '../support/call.ts';
import { metric } from '../support/probe.ts';
import { type StartedWebhook, startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection, type TlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const LARGE = bodyOfSize(16 * MIB);
const REFUSED = 'rejected_requests_total{reason="large-bodies"}';

/** Four bodies of 16 MiB, begun and not ended, which take the whole budget. */
async function takeBudget(webhook: StartedWebhook): Promise<readonly TlsConnection[]> {
  const connections = await Promise.all([0, 1, 2, 3].map(() => openTlsConnection(webhook)));
  for (const { socket } of connections) {
    socket.write(
      `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${LARGE.length}\r\n\r\n`,
    );
  }
  await until('four bodies in flight', async () => (await metric(webhook, 'requests_in_flight')) === 4);
  return connections;
}

/** A large body is taken again as soon as the budget has been given back, but not at the same instant. */
function callUntilTaken(webhook: StartedWebhook): Promise<CallAnswer> {
  return until('a large body taken', async () => {
    const answer = await call(webhook, { body: LARGE });
    return answer.status === 200 && answer;
  });
}

suite('the budget of large bodies', { concurrency: true }, () => {
  test('refuses a large body beyond it and closes its connection; small ones never wait', async (t) => {
    const webhook = await startTestWebhook(t);
    const connections = await takeBudget(webhook);
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const answer = await call(webhook, {
        body: LARGE,
        headers: { 'content-type': 'application/json', ...headers },
      });
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.connection, 'close');
      assert.equal(answer.headers['retry-after'], undefined);
      assert.equal(JSON.parse(answer.body).message, 'too many large bodies at once; try again');
    }
    assert.equal(await metric(webhook, REFUSED), 2);
    const small = await call(webhook, { body: bodyOfSize(256 * 1024) });
    assert.equal(small.status, 200);
    connections.forEach(({ socket }) => {
      socket.destroy();
    });
  });

  test('is given back by bodies that were answered', async (t) => {
    const webhook = await startTestWebhook(t);
    for (let time = 0; time < 5; time++) {
      assert.equal((await call(webhook, { body: LARGE })).status, 200);
    }
    const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    for (let time = 0; time < 5; time++) {
      assert.equal((await call(webhook, { body: LARGE, headers: chunked })).status, 200);
    }
    assert.equal(await metric(webhook, REFUSED), 0);
  });

  test('is given back by bodies that were refused', async (t) => {
    const webhook = await startTestWebhook(t);
    const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    for (let time = 0; time < 5; time++) {
      assert.equal((await call(webhook, { body: '['.repeat(16 * MIB) })).status, 400);
      assert.equal((await call(webhook, { body: `${LARGE} `, headers: chunked })).status, 413);
    }
    assert.equal(await metric(webhook, REFUSED), 0);
  });

  test('is given back by bodies whose senders go away', async (t) => {
    const webhook = await startTestWebhook(t);
    for (let time = 0; time < 2; time++) {
      const connections = await takeBudget(webhook);
      connections.forEach(({ socket }) => {
        socket.destroy();
      });
      await until('nothing in flight', async () => (await metric(webhook, 'requests_in_flight')) === 0);
      await callUntilTaken(webhook);
    }
  });

  test('is given back by bodies that end when the others have been refused', async (t) => {
    const webhook = await startTestWebhook(t);
    const connections = await takeBudget(webhook);
    assert.equal((await call(webhook, { body: LARGE })).status, 503);
    for (const { socket } of connections) {
      socket.write(LARGE);
    }
    await until('four answers', () =>
      connections.every(({ received }) => received().startsWith('HTTP/1.1 200 ')),
    );
    assert.equal((await callUntilTaken(webhook)).status, 200);
    connections.forEach(({ socket }) => {
      socket.destroy();
    });
  });
});

suite('a sender who does not stop', () => {
  test('reads the answer to a body twice as large as is read of it', async (t) => {
    const webhook = await startTestWebhook(t);
    const { status } = await call(webhook, { body: Buffer.alloc(64 * MIB, ' ') });
    assert.equal(status, 413);
  });
});
