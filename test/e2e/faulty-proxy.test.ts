import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, ApiError, createApiClient } from './harness/api-client.ts';
import { type ControlPlane, startControlPlane } from './harness/control-plane.ts';
import { type FaultyProxy, startFaultyProxy } from './harness/faulty-proxy.ts';
import { waitFor } from './harness/wait-for.ts';

const namespaces = '/api/v1/namespaces';

suite('faulty proxy', () => {
  let controlPlane: ControlPlane;
  let proxy: FaultyProxy;
  let client: ApiClient;

  before(async () => {
    controlPlane = await startControlPlane();
    proxy = await startFaultyProxy(controlPlane);
    client = connectClient();
  });

  after(async () => {
    client?.close();
    await proxy?.stop();
    await controlPlane?.stop();
  });

  function connectClient(): ApiClient {
    return createApiClient({
      serverUrl: proxy.url,
      caCertificate: controlPlane.authority.certificate,
      token: controlPlane.adminToken,
    });
  }

  /** A watch of all namespaces that has seen its first event. */
  async function openWatch() {
    const lines: string[] = [];
    const aborter = new AbortController();
    const ended = client
      .stream(`${namespaces}?watch=true`, (line) => lines.push(line), aborter.signal)
      .then(
        () => 'ended',
        (error: Error) => error,
      );
    await waitFor('the first event', () => lines.length > 0);
    return { lines, ended, abort: () => aborter.abort() };
  }

  async function createNamespace(name: string): Promise<void> {
    const { code } = await controlPlane.kubectl(['create', 'namespace', name]);
    assert.equal(code, 0);
  }

  const sees = (lines: string[], name: string) => lines.some((line) => line.includes(`"name":"${name}"`));

  afterEach(() => proxy.resume());

  test('passes everything on while there is no fault', async () => {
    const watch = await openWatch();
    await createNamespace('plain');
    await waitFor('the event', () => sees(watch.lines, 'plain'));
    assert.equal(proxy.openWatches(), 1);
    watch.abort();
    await watch.ended;
    await waitFor('the end of the watch', () => proxy.openWatches() === 0);
  });

  for (const status of [401, 403, 410, 429, 500] as const) {
    test(`answers ${status} to the next list, and lets the one after it through`, async () => {
      proxy.answerNext({ verb: 'list', status, path: '/namespaces' });
      await assert.rejects(
        client.send('GET', namespaces),
        (error) => error instanceof ApiError && error.status === status,
      );
      await client.send('GET', namespaces);
    });

    test(`answers ${status} to the next watch, and not to a list`, async () => {
      proxy.answerNext({ verb: 'watch', status });
      await client.send('GET', namespaces);
      await assert.rejects(
        client.stream(`${namespaces}?watch=true`, () => undefined, AbortSignal.timeout(5000)),
        (error) => error instanceof ApiError && error.status === status,
      );
    });
  }

  test('tells 410 by an ERROR event in the stream', async () => {
    proxy.answerNext({ verb: 'watch', status: 410, asEvent: true });
    const { lines, ended } = await openWatch();
    assert.equal(await ended, 'ended');
    assert.equal(JSON.parse(lines[0] ?? '').object.code, 410);
  });

  test('cuts the watches that are open', async () => {
    const first = await openWatch();
    const second = await openWatch();
    assert.equal(proxy.cutWatches(), 2);
    assert.ok((await first.ended) instanceof Error);
    assert.ok((await second.ended) instanceof Error);
  });

  test('goes silent without closing anything, and serves new connections when it resumes', async () => {
    const watch = await openWatch();
    proxy.goSilent();
    await createNamespace('silent');
    const call = client.send('GET', namespaces).then(
      () => 'answered',
      () => 'failed',
    );
    const silence = Promise.race([watch.ended, call, delay(1000, 'silence')]);
    assert.equal(await silence, 'silence');
    assert.equal(sees(watch.lines, 'silent'), false);
    proxy.resume();
    const other = connectClient();
    await other.send('GET', namespaces);
    other.close();
    assert.equal(await Promise.race([watch.ended, delay(200, 'silence')]), 'silence');
    watch.abort();
    client.close();
    assert.equal(await call, 'failed');
  });

  test('truncates a watch in the middle of a JSON line', async () => {
    const watch = await openWatch();
    proxy.truncateNextEvent();
    await createNamespace('truncated');
    assert.equal(await watch.ended, 'ended');
    assert.equal(sees(watch.lines, 'truncated'), false);
    assert.equal(proxy.openWatches(), 0);
  });
});
