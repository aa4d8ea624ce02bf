import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { call } from '../support/call.ts';
import { metric, probe } from '../support/probe.ts';
import { startTestWebhook } from '../support/start-webhook.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type Connection, openPlainConnection } from '../support/tls-connection.ts';
import { until } from '../support/until.ts';

/** The connections that the probe port keeps. */
const LIMIT = 100;
const EXCESS = 50;

const METRICS = [
  'decisions_total{path="/validate-pods",decision="allow",reason="allowed",dry_run="false"} 1',
  'request_duration_seconds_bucket{le="0.0005",path="/validate-pods"}',
  'requests_in_flight 0',
  'allowlists{state="active"} 1',
  'allowlists{state="expired"} 0',
  'policy_info{hash="',
  'policy_last_change_timestamp_seconds 1',
  'policy_reload_failures_total 0',
  'policy_last_reload_successful 1',
  'ready 1',
  'certificate_last_reload_successful 1',
  'denials_by_namespace_total{namespace="other"} 0',
  'certificate_expiry_timestamp_seconds 1',
  'certificate_reload_failures_total 0',
  'rejected_requests_total{reason="not-json"} 1',
];

suite('the probe server', () => {
  test('is live and ready, and says why where it is asked to', async (t) => {
    const webhook = await startTestWebhook(t);
    assert.deepEqual(await probe(webhook, '/livez'), {
      status: 200,
      type: 'text/plain',
      body: 'ok',
    });
    assert.deepEqual((await probe(webhook, '/readyz')).body, 'ok');
    assert.deepEqual(
      (await probe(webhook, '/readyz?verbose')).body,
      '[+]certificate ok\n[+]allowlists ok\n[+]listening ok\n[+]shutdown ok\nreadyz check passed\n',
    );
  });

  test('notes that no allowlist is loaded, and is ready all the same', async (t) => {
    const allowlists = join(temporaryDirectory(t), 'none.yaml');
    writeFileSync(allowlists, '{apiVersion: v1, kind: List, items: []}');
    const webhook = await startTestWebhook(t, `--allowlists=${allowlists}`);
    const { status, body } = await probe(webhook, '/readyz?verbose');
    assert.equal(status, 200);
    assert.match(body, /^note: no allowlist is loaded: every pod that names a role is denied/m);
    assert.match(webhook.log.join(''), /"level":"warn".*no allowlist is loaded/);
  });

  test('shows the documented metrics, and the defaults of process and event loop', async (t) => {
    const webhook = await startTestWebhook(t);
    await call(webhook);
    await call(webhook, { body: '' });
    const { type, body } = await probe(webhook, '/metrics');
    assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
    for (const line of METRICS) {
      assert(body.includes(`\neci_ram_role_webhook_${line}`), line);
    }
    assert.match(body, /^process_resident_memory_bytes /m);
    assert.match(body, /^nodejs_eventloop_lag_seconds /m);
    // The allowlist names this namespace; no request does.
    const others = body.replaceAll('denials_by_namespace_total{namespace="payments"}', '');
    assert.doesNotMatch(others, /payments|\bpod\b|uid-1/);
  });

  test('answers 404 to anything else', async (t) => {
    const webhook = await startTestWebhook(t);
    for (const path of ['/', '/healthz', '/mutate-pods', '/%zz']) {
      assert([400, 404].includes((await probe(webhook, path)).status));
    }
  });

  test('answers HEAD, and closes a connection on every request that is no plain GET or HEAD', async (t) => {
    const webhook = await startTestWebhook(t);
    const { socket, received } = await openPlainConnection(webhook);
    t.after(() => socket.destroy());
    socket.write('HEAD /metrics HTTP/1.1\r\nhost: a\r\n\r\n');
    await until('an answer', () => received().startsWith('HTTP/1.1 200 '));

    for (const request of [
      'POST /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n',
      'DELETE /livez HTTP/1.1\r\nhost: a\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n',
      'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n',
      'GET /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n',
      'GET /livez HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n',
      'GET /livez HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      'GET /livez HTTP/1.1\r\nhost: a\r\nexpect: a-miracle\r\n\r\n',
    ]) {
      const connection = await openPlainConnection(webhook);
      connection.socket.write(request);
      assert.equal(await connection.closed, '', request);
    }
    const rejected = await metric(webhook, 'rejected_requests_total{reason="not-found"}');
    // Node itself closes on CONNECT.
    assert.equal(rejected, 7);
  });

  for (const [name, part, reason] of [
    ['that send nothing', '', 'too-many-connections'],
    ['with an unfinished head', 'GET /livez HTTP/1.1\r\n', 'too-many-connections'],
    [
      'with an unfinished body',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nxyz',
      'not-found',
    ],
  ] as const) {
    test(`answers beside more connections ${name} than it keeps, and closes some`, async (t) => {
      const webhook = await startTestWebhook(t);
      const connections = await Promise.all(
        Array.from({ length: LIMIT + EXCESS }, () => openPlainConnection(webhook)),
      );
      for (const { socket } of connections) {
        t.after(() => socket.destroy());
        socket.write(part);
      }
      for (let count = 0; count < 20; count++) {
        assert.equal((await probe(webhook, '/livez')).status, 200);
      }
      await until('some to be closed', () => connections.filter(isClosed).length >= EXCESS);
      const rejected = await metric(webhook, `rejected_requests_total{reason="${reason}"}`);
      assert(rejected >= EXCESS, `${rejected} closed`);
    });
  }

  test('renders the metrics at most once a second, however many ask', async (t) => {
    const webhook = await startTestWebhook(t);
    const startedAt = performance.now();
    const texts = new Set<string>();
    for (let count = 0; count < 50; count++) {
      const asked = [probe(webhook, '/metrics'), probe(webhook, '/metrics')];
      for (const { body } of await Promise.all(asked)) {
        texts.add(body);
      }
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    assert(texts.size <= seconds + 1, `${texts.size} renderings in ${seconds} s`);
  });
});

function isClosed({ socket }: Connection): boolean {
  return socket.destroyed;
}
