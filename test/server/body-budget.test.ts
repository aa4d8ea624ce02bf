import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bodyOfSize } from '../builders/pod-review.ts';
import { call } from '../support/call.ts';
import { metric } from '../support/probe.ts';
import { startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection, type TlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const LARGE = bodyOfSize(16 * MIB);
const REJECTED = 'rejected_requests_total{reason="too-many-bytes"}';
const HEAD = 'POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
const IN_CHUNKS = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };

suite('the budget of bodies', () => {
  test('does not count the bytes that are only declared', async (t) => {
    const webhook = await startTestWebhook(t);
    for (let count = 0; count < 20; count++) {
      const { socket } = await openTlsConnection(webhook);
      t.after(() => socket.destroy());
      socket.write(`${HEAD}content-length: ${LARGE.length}\r\n\r\n{`);
    }
    for (const headers of [{ 'content-type': 'application/json' }, IN_CHUNKS]) {
      for (const body of [bodyOfSize(300 * KIB), LARGE]) {
        assert.equal((await call(webhook, { body, headers })).status, 200);
      }
    }
    assert.equal(await metric(webhook, REJECTED), 0);
  });

  test('is 64 MiB for all unfinished bodies of the server, and the oldest goes first', async (t) => {
    const webhook = await startTestWebhook(t);
    const senders: TlsConnection[] = [];
    for (let count = 0; count < 5; count++) {
      const sender = await openTlsConnection(webhook);
      t.after(() => sender.socket.destroy());
      senders.push(sender);
      // Both paths share the budget.
      const path = count % 2 === 0 ? 'validate' : 'mutate';
      sender.socket.write(HEAD.replace('validate', path));
      sender.socket.write(`content-length: ${LARGE.length}\r\n\r\n${LARGE.slice(0, 15 * MIB)}`);
      await until('its bytes', () => sender.socket.writableLength === 0);
    }
    const [oldest, ...others] = senders;
    await until('an answer', () => oldest?.received().startsWith('HTTP/1.1 503 '));
    for (const { socket } of others) {
      socket.write(LARGE.slice(15 * MIB));
    }
    await until('all answered', () => others.every(({ received }) => received().startsWith('HTTP/1.1 200 ')));
    assert.equal(await metric(webhook, REJECTED), 1);
  });
});

suite('a sender who does not stop', () => {
  test('reads the answer to a body that is too large', async (t) => {
    const webhook = await startTestWebhook(t);
    for (const headers of [{ 'content-type': 'application/json' }, IN_CHUNKS]) {
      assert.equal((await call(webhook, { body: Buffer.alloc(20 * MIB, ' '), headers })).status, 413);
    }
  });

  test('is closed when it sends on after the answer', async (t) => {
    const webhook = await startTestWebhook(t);
    for (const path of ['/validate-pods', '/unknown']) {
      const { socket, closed } = await openTlsConnection(webhook);
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      const chunk = `100000\r\n${' '.repeat(MIB)}\r\n`;
      const sendOn = (): unknown => socket.writable && socket.write(chunk, sendOn);
      sendOn();
      assert.match(await closed, /^HTTP\/1.1 4(13|04) /);
    }
  });
});
