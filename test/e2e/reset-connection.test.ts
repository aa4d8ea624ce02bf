import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { resetConnection } from './harness/reset-connection.ts';

const HOST = '127.0.0.1';
const CLOSE_TIMEOUT_MS = 10_000;

suite('a connection that is reset', () => {
  const errors: Error[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', (error) => errors.push(error)).resume();
  });

  before(() => once(server.listen(0, HOST), 'listening'));

  after(() => server.close());

  async function open(): Promise<Socket> {
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const socket = connect({ host: HOST, port: address.port, allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  }

  async function resetAndWait(socket: Socket): Promise<void> {
    resetConnection(socket);
    // `once` would reject on an error, too.
    await once(socket, 'close', { signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) });
  }

  test('is an error to its other side', async () => {
    const accepted = once(server, 'connection');
    const socket = await open();
    const [other] = await accepted;
    const closed = once(other, 'close').catch(() => undefined);
    await resetAndWait(socket);
    await closed;
    assert.deepEqual(
      errors.map((error) => ('code' in error ? error.code : error)),
      ['ECONNRESET'],
    );
  });

  test('closes while its last bytes are on their way', async () => {
    const socket = await open();
    socket.end('last');
    // Beyond this turn the bytes are written, and the end of them is being sent.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await resetAndWait(socket);
  });
});
