import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { allowlistObject } from '../builders/allowlist-review.ts';
import { call } from '../support/call.ts';
import { suiteCleanup } from '../support/cleanup.ts';
import { type StartedWebhook, startTestWebhook } from '../support/start-webhook.ts';

suite('POST /validate-allowlists', () => {
  const cleanup = suiteCleanup();
  let webhook: StartedWebhook;

  before(async () => {
    webhook = await startTestWebhook(cleanup);
  });

  async function review(request: Readonly<Record<string, unknown>>) {
    const { status, body } = await call(webhook, {
      path: '/validate-allowlists?timeout=1s',
      body: JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: {
          uid: 'uid-1',
          resource: { group: 'eci-ram-role.io', version: 'v1alpha1', resource: 'ramroleallowlists' },
          ...request,
        },
      }),
    });
    assert.equal(status, 200);
    return JSON.parse(body).response;
  }

  test('warns about an allowlist, and logs an admission', async () => {
    const { warnings, ...response } = await review({
      operation: 'CREATE',
      name: 'list',
      object: allowlistObject({ namespaces: ['staging'], roles: ['*'], violationAction: 'Warn' }),
    });
    assert.deepEqual(response, { uid: 'uid-1', allowed: true });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^spec\.roles\[0\] "\*"/);
    const [line = ''] = webhook.log.filter((line) => line.includes('"/validate-allowlists"'));
    const { level, decision, reason, name } = JSON.parse(line);
    assert.deepEqual(
      { level, decision, reason, name },
      { level: 'info', decision: 'allow', reason: 'allowed', name: 'list' },
    );
  });

  test('warns about an action of its own that becomes softer', async () => {
    const { warnings } = await review({
      operation: 'UPDATE',
      object: allowlistObject({ violationAction: 'Warn' }),
      oldObject: allowlistObject(),
    });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^spec\.violationAction: changes from Deny to Warn: /);
  });

  for (const operation of ['DELETE', 'CONNECT']) {
    test(`does not decide ${operation}`, async () => {
      const response = await review({ operation, object: allowlistObject({ roles: ['*'] }) });
      assert.deepEqual(response, { uid: 'uid-1', allowed: true });
    });
  }

  test('admits an object that is none', async () => {
    const { allowed, warnings } = await review({ operation: 'CREATE', object: 7 });
    assert.equal(allowed, true);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^the object: expected an object, found 7/);
  });

  for (const { name, spec } of [
    { name: '90,000 namespaces', spec: { namespaces: Array.from({ length: 90_000 }, (_, i) => `${i}*`) } },
    {
      name: '15,000 unknown fields',
      spec: Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`field${i}`, i])),
    },
  ]) {
    test(`shows three problems and the number of the others for ${name}`, async () => {
      const { allowed, warnings } = await review({ operation: 'CREATE', object: allowlistObject(spec) });
      assert.equal(allowed, true);
      assert.match(warnings.at(-1), /Invalid/);
      assert.ok(warnings.length <= 4);
    });
  }
});
