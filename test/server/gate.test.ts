import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GOOD_BODY } from '../builders/pod-review.ts';
import { metric } from '../support/probe.ts';
import { type StartedWebhook, startTestWebhook } from '../support/start-webhook.ts';
import { type Connection, openPlainConnection, openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

/** A server with a gate, and how to talk to it. */
type Port = Readonly<{
  name: string;
  open: (webhook: StartedWebhook) => Promise<Connection>;
  /** A whole request that gets the status 200. */
  request: string;
  /** The time for a request. */
  seconds: number;
}>;

const SECURE: Port = {
  name: 'the admission port',
  open: openTlsConnection,
  request: `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n${GOOD_BODY}`,
  seconds: 4,
};
const PROBE: Port = {
  name: 'the probe port',
  open: openPlainConnection,
  request: 'GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n',
  seconds: 2,
};

const answersIn = (text: string) => text.split('HTTP/1.1 ').length - 1;

/** The rejections that the webhook counted, by reason. */
const rejected = (webhook: StartedWebhook, reason: string) =>
  metric(webhook, `rejected_requests_total{reason="${reason}"}`);

for (const port of [SECURE, PROBE]) {
  const { name, open, request, seconds } = port;

  suite(`the gate of ${name}`, { concurrency: true }, () => {
    test('closes a connection whose next request comes before the answer', async (t) => {
      const webhook = await startTestWebhook(t);
      for (const requests of [
        request + request,
        // The first of these two is answered before the second is parsed.
        `GET /livez HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(2),
        request.repeat(20),
        `GET /livez HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(2_000),
      ]) {
        const { socket, closed } = await open(webhook);
        socket.write(requests);
        assert(answersIn(await closed) <= 1);
      }
      assert.equal(await rejected(webhook, 'pipelined'), 4);
    });

    test('closes it as well when each request has a TLS record or a packet of its own', async (t) => {
      const webhook = await startTestWebhook(t);
      const { socket, closed } = await open(webhook);
      for (let count = 0; count < 200; count++) {
        socket.write(request);
      }
      const answers = answersIn(await closed);
      assert(answers < 200, `${answers} answers`);
    });

    for (const first of ['an unknown expectation', 'no host', 'HTTP/1.0']) {
      test(`closes it as well when the requests have ${first}`, async (t) => {
        const webhook = await startTestWebhook(t);
        const { socket, closed } = await open(webhook);
        const head = {
          'an unknown expectation': 'GET / HTTP/1.1\r\nhost: a\r\nexpect: a miracle\r\n\r\n',
          'no host': 'GET / HTTP/1.1\r\n\r\n',
          'HTTP/1.0': 'GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n',
        }[first];
        socket.write((head ?? '').repeat(1_000));
        assert(answersIn(await closed) <= 1);
        const reasons = ['pipelined', 'not-found'].map((reason) => rejected(webhook, reason));
        assert((await Promise.all(reasons)).includes(1));
      });
    }

    test('answers requests one after the other on one connection', async (t) => {
      const webhook = await startTestWebhook(t);
      const { socket, received } = await open(webhook);
      for (let count = 1; count <= 20; count++) {
        socket.write(request);
        await until('an answer', () => answersIn(received()) === count);
      }
      assert(!socket.destroyed);
      socket.destroy();
    });

    for (const [part, start] of [
      ['head', 'GET /livez HTTP/1.1\r\nhost: a'],
      ['first line', 'GET /a'],
      ['line before the first', '\r\n'],
    ] as const) {
      test(`closes a connection whose ${part} is not finished in time, however often a byte comes`, async (t) => {
        const webhook = await startTestWebhook(t);
        for (const isFirst of [true, false]) {
          const connection = await open(webhook);
          if (!isFirst) {
            connection.socket.write(request);
            await until('an answer', () => answersIn(connection.received()) === 1);
          }
          assert((await secondsOfDrip(connection, start)) > seconds - 0.5);
        }
        assert.equal(await rejected(webhook, 'timeout'), 2);
      });
    }

    test('keeps a connection that has sent nothing', async (t) => {
      const webhook = await startTestWebhook(t);
      const { socket, received } = await open(webhook);
      await sleep(14_000);
      assert(!socket.destroyed);
      socket.write(request);
      await until('an answer', () => answersIn(received()) === 1);
      socket.destroy();
    });
  });
}

/** Sends a byte twice a second until the other side closes the connection. Returns the seconds that this took. */
async function secondsOfDrip({ socket, closed }: Connection, start: string): Promise<number> {
  const startedAt = performance.now();
  socket.write(start);
  const drip = setInterval(() => socket.write(start.slice(-1)), 500);
  await closed;
  clearInterval(drip);
  return (performance.now() - startedAt) / 1000;
}
