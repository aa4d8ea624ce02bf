// A stub on a real socket, because what counts is what arrives: the token, the connections and their certificates.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import tls from 'node:tls';
import { createApiClient } from '../../../src/kubernetes/client.ts';
import { readConnection } from '../../../src/kubernetes/connection.ts';
import { type ApiServer, startApiServer } from '../../support/api-server.ts';
import { makeCertificate } from '../../support/certificate.ts';
import type { Cleanup } from '../../support/cleanup.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const PATH = '/api/v1/namespaces/payments/pods/web-0';

async function connect(api: ApiServer) {
  const client = createApiClient(await readConnection(api.kubeconfig));
  return () => client.call({ path: PATH });
}

const isAnswered = (call: () => Promise<unknown>) =>
  call().then(
    () => true,
    () => false,
  );

/** Has the kubeconfig ask a program for the token, which counts how often it runs. */
function usePlugin(t: Cleanup, { kubeconfig, tokenFile }: ApiServer) {
  const runs = join(temporaryDirectory(t), 'runs');
  writeFileSync(runs, '');
  const program = `require('node:fs').appendFileSync('${runs}', 'x');
    const token = require('node:fs').readFileSync('${tokenFile}', 'utf8');
    console.log(JSON.stringify({ status: { token } }))`;
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  config.users[0].user = { exec: { command: process.execPath, args: ['-e', program] } };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return () => readFileSync(runs, 'utf8').length;
}

suite('calls of the API server', { concurrency: true }, () => {
  test('tell its clock, once there is an answer', async (t) => {
    const client = createApiClient(await readConnection((await startApiServer(t)).kubeconfig));
    assert.equal(client.clockOffsetMs(), undefined);
    await client.call({ path: PATH });
    // A header has whole seconds.
    assert.ok(Math.abs(client.clockOffsetMs() ?? Number.NaN) < 5_000);
  });

  test('have the token of the file, also after it was rotated', async (t) => {
    const api = await startApiServer(t);
    const call = await connect(api);
    await call();
    writeFileSync(api.tokenFile, 'second');
    await until('the new token', async () => {
      await isAnswered(call);
      return api.authorizations.at(-1) === 'Bearer second';
    });
    assert.equal(api.connections.ever, 1);
  });

  test('read the token again at once if the API server rejects it, and are repeated', async (t) => {
    const api = await startApiServer(t);
    const call = await connect(api);
    await call();
    writeFileSync(api.tokenFile, 'second');
    api.acceptToken('second');
    await call();
    assert.equal(api.authorizations.at(-1), 'Bearer second');
  });

  test('fail without a repetition if the rejected token is still in the file', async (t) => {
    const api = await startApiServer(t);
    const call = await connect(api);
    api.acceptToken('another');
    await assert.rejects(call(), { name: 'ApiError', status: 401, message: 'Unauthorized' });
    assert.equal(api.authorizations.length, 1);
  });

  test('trust the CA of the file, also after it was rotated, and close the connections of the old one', async (t) => {
    const api = await startApiServer(t);
    const call = await connect(api);
    await call();
    const next = await makeCertificate();
    api.serve(next);
    assert.equal(await isAnswered(call), false);
    writeFileSync(api.caFile, next.caPem);
    await until('calls with the new CA', () => isAnswered(call));
    await until('one connection', () => api.connections.open === 1);
  });

  test('go on with the last good files while they cannot be read', async (t) => {
    const api = await startApiServer(t);
    const call = await connect(api);
    rmSync(api.tokenFile);
    writeFileSync(api.kubeconfig, '{');
    for (let time = 0; time < 12; time++) {
      await call();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(api.authorizations.at(-1), 'Bearer first');
  });

  test('run the program of a kubeconfig once, and again when its token is rejected', async (t) => {
    const api = await startApiServer(t);
    const countRuns = usePlugin(t, api);
    const call = await connect(api);
    await call();
    await call();
    assert.equal(countRuns(), 1);
    writeFileSync(api.tokenFile, 'second');
    api.acceptToken('second');
    await Promise.all([call(), call(), call()]);
    assert.equal(countRuns(), 2);
  });

  test('are repeated on a new connection if the API server closes a kept one', async (t) => {
    const api = await startApiServer(t);
    const call = await connect(api);
    for (let time = 0; time < 20; time++) {
      await call();
      api.closeConnections();
    }
    assert.equal(api.pods.length, 20);
  });

  /** Leaves four kept connections, of which the next call takes one. */
  async function keepFour(api: ApiServer) {
    const client = createApiClient(await readConnection(api.kubeconfig));
    api.hold();
    const calls = Array.from({ length: 4 }, () => client.call({ path: PATH }));
    await until('four calls', () => api.pods.length === 4);
    api.release();
    await Promise.all(calls);
    assert.equal(api.connections.open, 4);
    return client;
  }

  test('close the other kept connections if none answers', async (t) => {
    const api = await startApiServer(t);
    const client = await keepFour(api);
    api.hold();
    await assert.rejects(client.call({ path: PATH, signal: AbortSignal.timeout(1_500) }));
    await until('none left', () => api.connections.open === 0);
  });

  test('keep the other connections if one call takes too long while others are answered', async (t) => {
    const api = await startApiServer(t);
    const client = await keepFour(api);
    api.hold();
    const aborting = new AbortController();
    const slow = client.call({ path: PATH, signal: aborting.signal });
    await until('it arrived', () => api.pods.length === 5);
    await client.call({ path: '/api/v1/namespaces' });
    aborting.abort();
    await assert.rejects(slow);
    await until('its own closed', () => api.connections.open === 3);
    await client.call({ path: '/api/v1/namespaces' });
    assert.equal(api.connections.ever, 4);
  });

  test('read no more of an answer than they are to, and keep the connection', async (t) => {
    const api = await startApiServer(t);
    const client = createApiClient(await readConnection(api.kubeconfig));
    api.answerPods(() => ({ status: 200, body: 'x'.repeat(1_000_000) }));
    for (let time = 0; time < 3; time++) {
      await assert.rejects(
        client.call({ path: PATH, maxBytes: 1_000 }),
        /expected at most 1000 bytes, found more$/,
      );
    }
    api.answerPods(() => ({ status: 500, body: { message: 'y'.repeat(1_000_000) } }));
    await assert.rejects(client.call({ path: PATH }), { status: 500, message: /^HTTP 500: .{200}$/ });
    assert.equal(api.connections.ever, 1);
  });
});

test('calls of the API server share one connection and one TLS context', async (t) => {
  const api = await startApiServer(t);
  const call = await connect(api);
  const contexts = t.mock.method(tls, 'createSecureContext');
  for (let time = 0; time < 20; time++) {
    await call();
  }
  assert.equal(api.connections.ever, 1);
  assert.equal(contexts.mock.callCount(), 0);
});
