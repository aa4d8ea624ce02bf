import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { GOOD_BODY } from '../builders/pod-review.ts';
import { call } from '../support/call.ts';
import { metric, probe } from '../support/probe.ts';
import { type RunningServer, runServer } from '../support/run-server.ts';
import { openTlsConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

const HEAD = `POST /validate-pods HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${GOOD_BODY.length}\r\n\r\n`;
const THROWING = ['node', '--import', './test/support/throw-on-signal.ts'] as const;
const CALLERS = 20;

/** Calls on kept connections without pause until told to stop; tells of every answer. */
async function callOn(server: RunningServer, answers: number[], isOver: () => boolean): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!isOver()) {
    answers.push((await call(server, { agent })).status);
  }
  agent.destroy();
}

suite('the server, told to stop', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`loses no call of clients that keep their connections, and exits with 0, on ${signal}`, async (t) => {
      const server = await runServer(t, { flags: ['--drain-delay=6s'] });
      const answers: number[] = [];
      // As the endpoints of a Service: once the server is unready, nobody calls it any more.
      let isUnready = false;
      const callers = Array.from({ length: CALLERS }, () => callOn(server, answers, () => isUnready));
      await until('calls before the signal', () => answers.length >= 1_000);
      server.child.kill(signal);
      const { body } = await until('unready', async () => {
        const answer = await probe(server, '/readyz');
        return answer.status === 503 && answer;
      });
      assert.match(body, /^\[-\]shutdown failed: the server is stopping$/m);
      assert.match(body, /readyz check failed/);

      const before = answers.length;
      await until('calls while draining', () => answers.length > before + CALLERS);
      const { headers } = await call(server, { agent: new Agent({ keepAlive: true }) });
      assert.equal(headers.connection, 'close');
      isUnready = true;
      await Promise.all(callers);
      assert.deepEqual(
        answers.filter((status) => status !== 200),
        [],
      );
      assert.equal(await server.ended, 0);
      assert.match(server.stderr(), new RegExp(`"signal":"${signal}".*"msg":"stopping"`));
    });
  }

  test('closes idle and silent connections, and answers what is in flight', async (t) => {
    const server = await runServer(t, { flags: ['--drain-delay=0s'] });
    const idle = await openTlsConnection(server);
    idle.socket.write(HEAD + GOOD_BODY);
    const silent = await openTlsConnection(server);
    const inHandshake = connect({ host: '127.0.0.1', port: server.securePort }).on('error', () => undefined);
    const busy = await openTlsConnection(server);
    busy.socket.write(HEAD);
    await until('an answer and a request', async () => {
      return idle.received() !== '' && (await metric(server, 'requests_in_flight')) === 1;
    });

    server.child.kill('SIGTERM');
    await Promise.all([idle.closed, silent.closed]);
    await until('the end of the handshake', () => inHandshake.destroyed);
    assert.equal(server.child.exitCode, null);
    busy.socket.write(GOOD_BODY);
    assert.match(await busy.closed, /^HTTP\/1.1 200 /);
    assert.equal(await server.ended, 0);
  });

  test('does not wait for ever for a request that never ends', async (t) => {
    const server = await runServer(t, { flags: ['--drain-delay=0s'] });
    const { socket, closed } = await openTlsConnection(server);
    socket.write(HEAD);
    await until('a request in flight', async () => (await metric(server, 'requests_in_flight')) === 1);
    server.child.kill('SIGTERM');
    assert.equal(await closed, '');
    assert.equal(await server.ended, 0);
  });

  test('takes a signal that is repeated at once for one', async (t) => {
    const server = await runServer(t, { flags: ['--drain-delay=1s'] });
    server.child.kill('SIGTERM');
    server.child.kill('SIGINT');
    assert.equal(await server.ended, 0);
    assert.doesNotMatch(server.stderr(), /second signal/);
  });

  test('ends at once on a second signal', async (t) => {
    const server = await runServer(t, { flags: ['--drain-delay=60m'] });
    server.child.kill('SIGTERM');
    await until('the second signal to be heard', () => {
      server.child.kill('SIGTERM');
      return server.stderr().includes('second signal') || server.child.exitCode !== null;
    });
    assert.equal(await server.ended, 1);
    assert.match(server.stderr(), /"msg":"stopped at once by a second signal"/);
  });
});

suite('the server, after an error that nobody caught', { concurrency: 2 }, () => {
  for (const { signal, message } of [
    { signal: 'SIGUSR2', message: 'thrown by the test' },
    { signal: 'SIGHUP', message: 'rejected by the test' },
  ] as const) {
    test(`is unready, answers on, and exits with 1: ${message}`, async (t) => {
      const server = await runServer(t, { command: THROWING, flags: ['--drain-delay=1s'] });
      server.child.kill(signal);
      await until('unready', async () => (await probe(server, '/readyz')).status === 503);
      assert.equal((await call(server)).status, 200);
      assert.equal(await server.ended, 1);
      assert.match(server.stderr(), new RegExp(`"level":"fatal".*${message}.*"msg":"crashed"`));
    });
  }

  test('drains to the end although another error follows, and one signal', async (t) => {
    const server = await runServer(t, { command: THROWING, flags: ['--drain-delay=1s'] });
    server.child.kill('SIGTERM');
    await server.saysOnStderr(/"msg":"stopping"/);
    server.child.kill('SIGHUP');
    await server.saysOnStderr(/rejected by the test/);
    assert.equal((await call(server)).status, 200);
    assert.equal(await server.ended, 1);
  });
});

suite('the server, in want of file descriptors', () => {
  test('lives on, and answers once there are some again', async (t) => {
    const server = await runServer(t, { command: ['prlimit', '--nofile=60:60', 'node'] });
    const sockets = Array.from({ length: 100 }, () =>
      connect({ host: '127.0.0.1', port: server.securePort }).on('error', () => undefined),
    );
    t.after(() => sockets.forEach((socket) => void socket.destroy()));
    await until('as many connections as can be', () => sockets.every(({ connecting }) => !connecting));
    sockets.forEach((socket) => {
      socket.destroy();
    });
    const answer = await until('an answer', () => call(server).catch(() => undefined));
    assert.equal(answer.status, 200);
    assert.equal(server.child.exitCode, null);
  });
});
