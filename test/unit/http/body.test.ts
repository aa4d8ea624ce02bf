import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { readBody } from '../../../src/http/body.ts';
import { createBodyMemory } from '../../../src/http/body-memory.ts';
import type { Cleanup } from '../../support/cleanup.ts';
import { until } from '../../support/until.ts';

const BUDGET_BYTES = 1_000_000;
const MIB = 1024 * 1024;

/** A server with a small budget that answers with the size of a body, or with the reason for its rejection. */
async function startReader(t: Cleanup) {
  const memory = createBodyMemory(BUDGET_BYTES);
  const outcomes: string[] = [];
  const server: Server = createServer((request, response) => {
    readBody(request, memory, (body) => {
      const outcome = body.ok ? `${body.value.length} bytes` : body.problem.reason;
      outcomes.push(outcome);
      response.end(outcome);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  // It listens on a port.
  const { port } = Object(server.address()) satisfies AddressInfo;

  return {
    port,
    outcomes,
    /** Sends a part of a body of a declared size; returns the functions to send the rest, and to go away. */
    send: (declared: number, sent: number) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      t.after(() => socket.destroy());
      let text = '';
      socket.on('data', (part) => {
        text += String(part);
      });
      socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${declared}\r\n\r\n${'x'.repeat(sent)}`);
      return {
        sendRest: () => socket.write('x'.repeat(declared - sent)),
        leave: () => socket.destroySoon(),
        answer: () => until('an answer', () => text.split('\r\n\r\n')[1]),
      };
    },
  };
}

suite('a body', () => {
  test('that is the oldest unfinished one goes when the budget is short', async (t) => {
    const reader = await startReader(t);
    const oldest = reader.send(800_000, 600_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = reader.send(100_000, 50_000);
    const third = reader.send(600_000, 500_000);
    assert.equal(await oldest.answer(), 'too-many-bytes');
    second.sendRest();
    third.sendRest();
    assert.equal(await second.answer(), '100000 bytes');
    assert.equal(await third.answer(), '600000 bytes');
  });

  test('that declares much and sends little takes little', async (t) => {
    const reader = await startReader(t);
    const bodies = [1, 2, 3, 4].map(() => reader.send(BUDGET_BYTES - 200_000, 1));
    assert.equal(await reader.send(900_000, 900_000).answer(), '900000 bytes');
    for (const { leave } of bodies) {
      leave();
    }
    await until('all aborted', () => reader.outcomes.filter((outcome) => outcome === 'aborted').length === 4);
  });

  test('gives its bytes back when it is complete, aborted, or evicted', async (t) => {
    const reader = await startReader(t);
    for (let round = 0; round < 5; round++) {
      const complete = reader.send(600_000, 599_999);
      complete.sendRest();
      assert.equal(await complete.answer(), '600000 bytes');
      const aborted = reader.send(600_000, 500_000);
      aborted.leave();
      await until('its end', () => reader.outcomes.at(-1) === 'aborted');
    }
    const last = reader.send(800_000, 790_000);
    last.sendRest();
    assert.equal(await last.answer(), '800000 bytes');
    assert(!reader.outcomes.includes('too-many-bytes'));
  });

  test('is read in parts, between which other connections have their turn', async (t) => {
    const bytesOfTurns = [0];
    const server = createServer((request, response) => {
      readBody(request, createBodyMemory(), () => response.end());
      request.on('data', ({ length }: Buffer) => bytesOfTurns.push((bytesOfTurns.pop() ?? 0) + length));
    });
    const nextTurn = () => {
      bytesOfTurns.push(0);
      turn = setImmediate(nextTurn);
    };
    let turn = setImmediate(nextTurn);
    t.after(() => {
      clearImmediate(turn);
      server.close();
      server.closeAllConnections();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = Object(server.address()) satisfies AddressInfo;
    const body = Buffer.alloc(8 * MIB, 'x');
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
    assert.equal(response.status, 200);
    const most = Math.max(...bytesOfTurns);
    assert.ok(most <= 0.25 * MIB, `${most} bytes in one turn`);
  });

  test('in many tiny chunks is aborted; one in chunks of a few hundred bytes is not', async (t) => {
    const reader = await startReader(t);
    const { port } = reader;
    const send = async (chunks: number, size: number) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      t.after(() => socket.destroy());
      const chunk = `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
      socket.write(
        `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(chunks)}0\r\n\r\n`,
      );
      return until('an outcome', () => reader.outcomes.shift());
    };
    assert.equal(await send(250, 1), '250 bytes');
    assert.equal(await send(2_000, 256), '512000 bytes');
    assert.equal(await send(2_000, 1), 'aborted');
    assert.equal(await send(2_000, 200), 'aborted');
  });

  test('that declares too much is rejected at once', async (t) => {
    const reader = await startReader(t);
    assert.equal(await reader.send(16 * 1024 * 1024 + 1, 0).answer(), 'body-too-large');
  });
});
