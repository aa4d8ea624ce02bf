import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { readBody } from '../../../src/http/body.ts';
import { createBodyBudget } from '../../../src/http/body-memory.ts';
import type { Cleanup } from '../../support/cleanup.ts';
import { until } from '../../support/until.ts';

const BUDGET_BYTES = 100_000;

/** A server with a small budget that answers with the size of a body, or with the reason for its rejection. */
async function startReader(t: Cleanup) {
  const budget = createBodyBudget(BUDGET_BYTES);
  const outcomes: string[] = [];
  const server: Server = createServer((request, response) => {
    readBody(request, budget, (body) => {
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
    const oldest = reader.send(80_000, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = reader.send(10_000, 5_000);
    const third = reader.send(60_000, 50_000);
    assert.equal(await oldest.answer(), 'too-many-bytes');
    second.sendRest();
    third.sendRest();
    assert.equal(await second.answer(), '10000 bytes');
    assert.equal(await third.answer(), '60000 bytes');
  });

  test('that declares much and sends little takes little', async (t) => {
    const reader = await startReader(t);
    const bodies = [1, 2, 3, 4].map(() => reader.send(BUDGET_BYTES - 20_000, 1));
    assert.equal(await reader.send(90_000, 90_000).answer(), '90000 bytes');
    for (const { leave } of bodies) {
      leave();
    }
    await until('all aborted', () => reader.outcomes.filter((outcome) => outcome === 'aborted').length === 4);
  });

  test('gives its bytes back when it is complete, aborted, or evicted', async (t) => {
    const reader = await startReader(t);
    for (let round = 0; round < 5; round++) {
      const complete = reader.send(60_000, 59_999);
      complete.sendRest();
      assert.equal(await complete.answer(), '60000 bytes');
      const aborted = reader.send(60_000, 50_000);
      aborted.leave();
      await until('its end', () => reader.outcomes.at(-1) === 'aborted');
    }
    const last = reader.send(80_000, 79_000);
    last.sendRest();
    assert.equal(await last.answer(), '80000 bytes');
    assert(!reader.outcomes.includes('too-many-bytes'));
  });

  test('that declares too much is rejected at once', async (t) => {
    const reader = await startReader(t);
    assert.equal(await reader.send(16 * 1024 * 1024 + 1, 0).answer(), 'body-too-large');
  });
});
