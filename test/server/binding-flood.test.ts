// Anyone who reaches the port can ask about Bindings without end, and each answer needs a call of the API server.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import tls from 'node:tls';
import { pino } from 'pino';
import { createApiClient } from '../../src/kubernetes/client.ts';
import { readConnection } from '../../src/kubernetes/connection.ts';
import { startClusterSource } from '../../src/sources/cluster/source.ts';
import { bindingReview } from '../builders/binding-review.ts';
import { callerAt } from '../builders/caller.ts';
import { startApiServer } from '../support/api-server.ts';
import { type CallOptions, call } from '../support/call.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { startTestWebhook } from '../support/start-webhook.ts';
import { until } from '../support/until.ts';

/** The places of one address that asks alone. */
const PLACES = 8;
const QUEUE = 500;
/** Two watches and the check of the CustomResourceDefinition. */
const OTHER_CONNECTIONS = 3;

async function startServer(t: Cleanup) {
  const api = await startApiServer(t);
  const webhook = await startTestWebhook(t, '--source=cluster', `--kubeconfig=${api.kubeconfig}`);
  return {
    api,
    webhook,
    bind: async (pod: string, { role = 'reader', namespace = 'payments', ...options }: BindOptions = {}) => {
      const body = JSON.stringify(bindingReview(pod, role, namespace));
      const answer = await call(webhook, { path: '/validate-bindings', body, ...options });
      return { ...answer, body: JSON.parse(answer.body) };
    },
  };
}

type BindOptions = CallOptions & Readonly<{ role?: string; namespace?: string }>;

test('5,000 Bindings at once cost 8 connections, no TLS context, and no more than the queue', async (t) => {
  const api = await startApiServer(t);
  const source = startClusterSource({
    client: createApiClient(await readConnection(api.kubeconfig)),
    observer: {
      recordContact: () => undefined,
      countRestart: () => undefined,
      recordSynced: () => undefined,
      recordCrdOutdated: () => undefined,
      recordHeld: () => undefined,
    },
    logger: pino({ level: 'silent' }),
    bounds: { maxEntries: 10_000, delegations: [] },
  });
  t.after(source.close);
  await source.first;
  const contexts = t.mock.method(tls, 'createSecureContext');

  const answers = await Promise.allSettled(
    Array.from({ length: 5_000 }, (_, index) =>
      source.getPodRole('payments', `pod-${index}`, callerAt('127.0.0.2')),
    ),
  );
  assert.ok(answers.filter(({ status }) => status === 'fulfilled').length <= PLACES + QUEUE);
  assert.ok(api.connections.ever <= PLACES + OTHER_CONNECTIONS, `${api.connections.ever} connections`);
  assert.equal(contexts.mock.callCount(), 0);
});

suite('/validate-bindings', { concurrency: true }, () => {
  test('asks for no pod whose path would be that of another object', async (t) => {
    const { api, bind } = await startServer(t);
    for (const [namespace, pod] of [
      ['..', 'web-0'],
      ['payments/pods/x', 'web-0'],
      ['Payments', 'web-0'],
      ['', 'web-0'],
      ['payments', '..'],
      ['payments', 'a'.repeat(254)],
    ] as const) {
      const { status, body } = await bind(pod, { namespace });
      assert.deepEqual([status, body.response.allowed], [200, false]);
    }
    assert.deepEqual(api.pods, []);
  });

  test('leaves the watches of allowlists and namespaces alone', async (t) => {
    const { api, webhook, bind } = await startServer(t);
    api.hold();
    const answers = Array.from({ length: 100 }, (_, index) => bind(`pod-${index}`));
    await until('all places taken', () => api.pods.length >= PLACES);
    api.cutWatches();
    await until('new watches', () => api.watches() === 2);
    api.release();
    await Promise.all(answers);
    assert.equal((await call(webhook)).status, 200);
  });
});
