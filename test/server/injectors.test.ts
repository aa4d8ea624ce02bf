import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRoutes } from '../../src/routes.ts';
import { entryOf, profileOf, profileReview } from '../builders/injector-edit.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';
import { call } from '../support/call.ts';
import { suiteCleanup } from '../support/cleanup.ts';
import { startTestWebhook } from '../support/start-webhook.ts';

const NAMED = { matchLabels: { 'kubernetes.io/metadata.name': 'payments' } };
const EMPTY = profileOf('');
const GOOD = profileOf([entryOf('payments-reader', { namespaceSelector: NAMED })]);
const BAD = profileOf([entryOf('admin', { namespaceSelector: NAMED })]);

function body(object: unknown, request: object = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      operation: 'UPDATE',
      namespace: 'kube-system',
      name: 'eci-profile',
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      object,
      oldObject: EMPTY,
      ...request,
    },
  });
}

suite('POST /validate-injectors', () => {
  const cleanup = suiteCleanup();
  const rows = [
    { name: 'an allowed role', flags: [], body: body(GOOD), allowed: true, warnings: 0, reason: 'allowed' },
    {
      name: 'a role that is not allowed',
      flags: [],
      body: body(BAD),
      allowed: false,
      warnings: 0,
      reason: 'not-allowed',
    },
    {
      name: 'the same under Warn',
      flags: ['--injectors-action=Warn'],
      body: body(BAD),
      allowed: true,
      warnings: 1,
      reason: 'not-allowed',
    },
    {
      name: 'the same under Off',
      flags: ['--injectors-action=Off'],
      body: body(BAD),
      allowed: true,
      warnings: 0,
      reason: 'not-decided',
    },
    {
      name: 'the same of an excluded namespace',
      flags: ['--excluded-namespaces=payments'],
      body: body(BAD),
      allowed: true,
      warnings: 0,
      reason: 'allowed',
    },
    {
      name: 'what was so before',
      flags: [],
      body: body(BAD, { oldObject: BAD }),
      allowed: true,
      warnings: 1,
      reason: 'not-allowed',
    },
    {
      name: 'another ConfigMap',
      flags: [],
      body: body(BAD, { namespace: 'payments' }),
      allowed: true,
      warnings: 0,
      reason: 'not-decided',
    },
    {
      name: 'a deletion',
      flags: [],
      body: body(null, { operation: 'DELETE' }),
      allowed: true,
      warnings: 0,
      reason: 'not-decided',
    },
    {
      name: 'selectors of 1 MiB that are nested as deep as they can be',
      flags: [],
      body: body(profileOf(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)),
      allowed: false,
      warnings: 0,
      reason: 'malformed',
    },
  ];
  for (const { name, flags, body, allowed, warnings, reason } of rows) {
    test(`${allowed ? 'admits' : 'refuses'} ${name}`, async () => {
      const webhook = await startTestWebhook(cleanup, ...flags);
      const answer = await call(webhook, { path: '/validate-injectors', body });
      const { response } = JSON.parse(answer.body);
      assert.deepEqual([answer.status, response.uid, response.allowed], [200, 'uid-1', allowed]);
      assert.equal((response.warnings ?? []).length, warnings);
      const line = JSON.parse(webhook.log.find((line) => line.includes('/validate-injectors')) ?? '{}');
      assert.equal(line.reason, reason);
    });
  }

  test('answers with the whole sentence, and logs the role', async () => {
    const webhook = await startTestWebhook(cleanup);
    const { response } = JSON.parse(
      (await call(webhook, { path: '/validate-injectors', body: body(BAD) })).body,
    );
    assert.deepEqual(response.status, {
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message:
        'selector "spark" of ConfigMap eci-profile would set RAM role "admin" in pods of namespace "payments", where it is not allowed: no allowlist allows it to every pod there; allowlists consulted: payments; roles allowed there: payments-reader; ask: whoever keeps the allowlists (RamRoleAllowlist)',
    });
    const line = JSON.parse(webhook.log.find((line) => line.includes('/validate-injectors')) ?? '{}');
    assert.deepEqual(
      [line.level, line.name, line.role, line.decision, line.allowlist],
      ['warn', 'eci-profile', 'admin', 'deny', 'payments'],
    );
  });
});

test('a namespace that was created just before an edit is judged too', async () => {
  const known = new Map([['payments', new Map([['team', 'a']])]]);
  const policy = policyOf([allowlistOf('payments', { roles: ['reader'] })]);
  const handlers = createRoutes(
    {
      getPolicy: () => policy,
      now: Date.now,
      getNamespaceLabels: () => assert.fail('no namespace is asked for'),
      getPodRole: () => assert.fail('no pod is asked for'),
      getNamespaces: () => known,
    },
    {
      ...{ workloadsAction: 'Warn', injectorsAction: 'Deny' },
      ...{ excludedNamespaces: [], unmutatedNamespaces: [] },
    },
  );
  setTimeout(() => known.set('new', new Map([['team', 'a']])), 50);
  const edit = profileReview(
    profileOf([entryOf('reader', { namespaceSelector: { matchLabels: { team: 'a' } } })]),
  );
  const { denial } = (await handlers['/validate-injectors']?.(edit)) ?? assert.fail();
  assert.match(denial?.message ?? '', /in pods of namespace "new", where it is not allowed/);
});
