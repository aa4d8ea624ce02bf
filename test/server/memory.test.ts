import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { bodyOfSize, podReview } from '../builders/pod-review.ts';
import { call } from '../support/call.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { startTestWebhook } from '../support/start-webhook.ts';
import { openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;

suite('the memory of the admission server', () => {
  test('holds a body of very many chunks in about the bytes it has', async (t) => {
    const webhook = await startTestWebhook(t);
    const before = memoryInUse();
    const { socket } = await openTlsConnection(webhook);
    socket.write(
      'POST /mutate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunks = '1\r\n \r\n'.repeat(MIB / 4);
    for (let written = 0; written < MIB; written += MIB / 4) {
      await new Promise<unknown>((resolve) => socket.write(chunks, resolve));
    }
    assert.equal((await call(webhook)).status, 200);
    const growth = memoryInUse() - before;
    socket.destroy();
    assert(growth < 40 * MIB, `${Math.round(growth / MIB)} MiB for a body of 1 MiB`);
  });

  test('is given back after large, wide and deep bodies, answered, refused or aborted', async (t) => {
    const webhook = await startTestWebhook(t);
    await call(webhook, { body: bodyOfSize(MIB) });
    const before = memoryInUse();
    const bodies = [
      bodyOfSize(16 * MIB),
      bodyOfSize(16 * MIB + 1),
      '['.repeat(7 * MIB),
      `[${'[],'.repeat(MIB)}0]`,
      JSON.stringify(podReview({ spec: { values: Array(190_000).fill([]) } })),
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ];
    for (const body of [...bodies, ...bodies]) {
      await call(webhook, { body });
      const { socket } = await openTlsConnection(webhook);
      socket.write(
        `POST /mutate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      await new Promise<unknown>((resolve) => socket.write(body.slice(0, -1), resolve));
      socket.destroy();
    }
    assert.equal((await call(webhook)).status, 200);
    const mine = bodies.reduce((bytes, body) => bytes + body.length, 0);
    await until('memory back to normal', () => memoryInUse() < before + mine + 10 * MIB);
  });

  test('is given back after connections that end in their handshake', async (t) => {
    const { securePort } = await startTestWebhook(t);
    const connectAndLeave = async () => {
      const socket = connect({ host: '127.0.0.1', port: securePort });
      socket.end('\x16\x03').resume();
      await once(socket, 'close');
    };
    const connectMany = async (count: number) => {
      for (let left = count; left > 0; left -= 50) {
        await Promise.all(Array.from({ length: 50 }, connectAndLeave));
      }
    };
    await connectMany(200);
    const before = memoryInUse();
    await connectMany(2_000);
    await until('memory back to normal', () => memoryInUse() < before + 2 * MIB);
  });
});
