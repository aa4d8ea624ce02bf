import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGate, GATED_SERVER } from '../../../src/http/gate.ts';
import { until } from '../../support/until.ts';

const REQUEST_TIMEOUT_MS = 4_000;
const MAX_REQUEST_BYTES = 1_000_000;
const SWEEP_MS = 100;
/** The last sweep, and the real time that a test takes. */
const SLACK_MS = 1_000;
const REQUEST = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const START_OF_BODY = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nx';

/** A connection, seen from both ends. */
type Ends = Readonly<{ client: Socket; server: Socket }>;

/** A server behind a gate, whose time passes when the test says so. */
async function startGate(t: TestContext, onRequest: RequestListener = (_, response) => response.end()) {
  const realNow = performance.now.bind(performance);
  let skipped = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  t.mock.method(performance, 'now', () => realNow() + skipped);
  const server = createServer(GATED_SERVER);
  const closed: string[] = [];
  const gate = createGate(server, {
    maxConnections: 10,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxRequestBytes: MAX_REQUEST_BYTES,
    isAcceptable: () => true,
    onRequest,
    onClosed: (reason) => closed.push(reason),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    // The gate stops its sweeps when the server is closed, which must not reach the timers of the next test.
    const stopped = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await stopped;
  });
  // It listens on a port.
  const { port } = Object(server.address()) satisfies AddressInfo;

  return {
    gate,
    closed,
    open: async (): Promise<Ends> => {
      const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
      const client = connect(port, '127.0.0.1').on('error', () => undefined);
      client.resume();
      t.after(() => client.destroy());
      return { client, server: await accepted };
    },
    /** Lets time pass, with a sweep ten times a second. */
    pass: (ms: number) => {
      for (let passed = 0; passed < ms; passed += SWEEP_MS) {
        skipped += SWEEP_MS;
        t.mock.timers.tick(SWEEP_MS);
      }
    },
    /** Lets time pass in which the process is too busy to sweep. */
    stall: (ms: number) => {
      skipped += ms;
      t.mock.timers.tick(SWEEP_MS);
    },
  };
}

/** Sends a text, and waits until the server has read it. */
async function send({ client, server }: Ends, text: string): Promise<void> {
  const expected = server.bytesRead + text.length;
  client.write(text);
  await until('the bytes', () => server.bytesRead === expected);
  // Once they are read, the parser gets them in the same turn.
  await sleep(1);
}

suite('the gate', () => {
  test('keeps a connection that sends nothing for 120 seconds', async (t) => {
    const { open, pass, closed } = await startGate(t);
    const { server } = await open();
    pass(120_000 - SLACK_MS);
    assert.equal(server.destroyed, false);
    pass(2 * SLACK_MS);
    assert.equal(server.destroyed, true);
    assert.deepEqual(closed, []);
  });

  test('closes a connection whose head is not finished in time', async (t) => {
    const { open, pass, closed } = await startGate(t);
    const ends = await open();
    await send(ends, REQUEST.slice(0, -1));
    pass(REQUEST_TIMEOUT_MS - SLACK_MS);
    assert.equal(ends.server.destroyed, false);
    pass(2 * SLACK_MS);
    assert.equal(ends.server.destroyed, true);
    assert.deepEqual(closed, ['timeout']);
  });

  test('closes a connection that sends too many bytes for one request', async (t) => {
    const { open, pass, closed } = await startGate(t, (request) => request.resume());
    const ends = await open();
    await send(ends, 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000000\r\n\r\n');
    await send(ends, 'x'.repeat(MAX_REQUEST_BYTES - 1_000));
    pass(SWEEP_MS);
    assert.equal(ends.server.destroyed, false);
    await send(ends, 'x'.repeat(1_000));
    pass(SWEEP_MS);
    assert.equal(ends.server.destroyed, true);
    assert.deepEqual(closed, ['body-too-large']);
  });

  test('gives head and body of a request one time together', async (t) => {
    const { open, pass, closed } = await startGate(t);
    const ends = await open();
    await send(ends, START_OF_BODY.slice(0, 20));
    pass(REQUEST_TIMEOUT_MS / 2);
    await send(ends, START_OF_BODY.slice(20));
    pass(REQUEST_TIMEOUT_MS / 2 - SLACK_MS);
    assert.equal(ends.server.destroyed, false);
    pass(2 * SLACK_MS);
    assert.equal(ends.server.destroyed, true);
    assert.deepEqual(closed, ['timeout']);
  });

  test('gives each request on a connection a time of its own', async (t) => {
    const { open, pass, closed } = await startGate(t);
    const ends = await open();
    for (let count = 0; count < 3; count++) {
      await send(ends, REQUEST.slice(0, 5));
      pass(REQUEST_TIMEOUT_MS - SLACK_MS);
      await send(ends, REQUEST.slice(5));
      pass(REQUEST_TIMEOUT_MS - SLACK_MS);
    }
    assert.equal(ends.server.destroyed, false);
    assert.deepEqual(closed, []);
  });

  test('closes a connection whose answer is not through after twice the time', async (t) => {
    const { open, pass, closed } = await startGate(t, () => undefined);
    const ends = await open();
    await send(ends, REQUEST);
    pass(2 * REQUEST_TIMEOUT_MS - SLACK_MS);
    assert.equal(ends.server.destroyed, false);
    pass(2 * SLACK_MS);
    assert.equal(ends.server.destroyed, true);
    assert.deepEqual(closed, ['timeout']);
  });

  test('counts no time in which the process is too busy to read', async (t) => {
    const { open, pass, stall, closed } = await startGate(t);
    const ends = await open();
    await send(ends, START_OF_BODY);
    pass(SWEEP_MS);
    stall(10 * REQUEST_TIMEOUT_MS);
    assert.equal(ends.server.destroyed, false);
    pass(REQUEST_TIMEOUT_MS);
    assert.equal(ends.server.destroyed, true);
    assert.deepEqual(closed, ['timeout']);
  });

  test('closes unused connections only when it is told to, and not in their first second', async (t) => {
    const { open, pass, gate } = await startGate(t);
    const unused = await open();
    const idle = await open();
    const unfinished = await open();
    await send(idle, REQUEST);
    await send(unfinished, START_OF_BODY);
    pass(2_000);
    const young = await open();
    gate.closeUnused();
    assert.deepEqual(
      [unused, idle, unfinished, young].map(({ server }) => server.destroyed),
      [true, false, false, false],
    );
  });
});
