import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { createHttpsServer } from '../../src/http/https-server.ts';
import { GOOD_BODY } from '../builders/pod-review.ts';
import { makeCertificate } from '../support/certificate.ts';
import { metric } from '../support/probe.ts';
import { startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const REQUEST = `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`;

suite('a connection', () => {
  test('answers one call after the other', async (t) => {
    const webhook = await startTestWebhook(t);
    const { socket, received } = await openTlsConnection(webhook);
    const answers = () => received().split('HTTP/1.1 200 OK').length - 1;
    for (let count = 1; count <= 5; count++) {
      socket.write(REQUEST);
      await until('an answer', () => answers() === count);
    }
    assert.doesNotMatch(received(), /connection: close/i);
    socket.destroy();
  });

  test('that speaks no HTTP is closed, and others are answered', async (t) => {
    const webhook = await startTestWebhook(t);
    const { socket, closed } = await openTlsConnection(webhook);
    socket.write('nonsense\r\n\r\n');
    assert.match(await closed, /^HTTP\/1.1 400 /);
    assert.equal(await metric(webhook, 'rejected_requests_total{reason="not-http"}'), 1);
    const next = await openTlsConnection(webhook);
    next.socket.write(REQUEST);
    await until('an answer', () => next.received().startsWith('HTTP/1.1 200 '));
    next.socket.destroy();
  });

  test('that does not finish its handshake is closed after ten seconds', async (t) => {
    const { securePort } = await startTestWebhook(t);
    const socket = connect({ host: '127.0.0.1', port: securePort });
    t.after(() => socket.destroy());
    const startedAt = performance.now();
    await once(socket, 'close', { signal: AbortSignal.timeout(30_000) });
    const seconds = (performance.now() - startedAt) / 1_000;
    assert(seconds > 9, `after ${seconds} s`);
  });

  test('has the limits of time that keep it from racing the API server, and none that begin when it opens', async () => {
    const { certPem, keyPem } = await makeCertificate();
    const server = createHttpsServer({ cert: certPem, key: keyPem });
    const { keepAliveTimeout, headersTimeout, requestTimeout } = server;
    assert.deepEqual(
      { keepAliveTimeout, headersTimeout, requestTimeout },
      { keepAliveTimeout: 120_000, headersTimeout: 0, requestTimeout: 0 },
    );
  });
});
