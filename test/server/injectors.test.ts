import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRoutes } from '../../src/routes.ts';
import { noCaller } from '../builders/caller.ts';
import { entryOf, profileOf, profileReview } from '../builders/injector-edit.ts';
import { allowlistOf, policyOf } from '../builders/policy.ts';
import { call } from '../support/call.ts';
import { suiteCleanup } from '../support/cleanup.ts';
import { startTestWebhook } from '../support/start-webhook.ts';

const NAMED = { matchLabels: { 'kubernetes.io/metadata.name': 'payments' } };
const MONEY = { matchLabels: { team: 'money' } };
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

  test('answers with the message, and logs the role', async () => {
    const webhook = await startTestWebhook(cleanup);
    const { response } = JSON.parse(
      (await call(webhook, { path: '/validate-injectors', body: body(BAD) })).body,
    );
    const { message, ...status } = response.status;
    assert.deepEqual(status, { status: 'Failure', code: 403, reason: 'Forbidden' });
    assert.match(
      message,
      /^selector "spark" of ConfigMap eci-profile .* "admin".*\(allowlists: payments\)\. Contact: \S+/,
    );
    const line = JSON.parse(webhook.log.find((line) => line.includes('/validate-injectors')) ?? '{}');
    assert.deepEqual(
      [line.level, line.name, line.role, line.decision, line.allowlist],
      ['warn', 'eci-profile', 'admin', 'deny', 'payments'],
    );
  });
});

suite('the namespaces that new entries name', () => {
  const policy = policyOf([allowlistOf('money', { namespaces: undefined, namespaceSelector: MONEY })]);

  /** Decides an edit while `payments` is known and nothing else, and each namespace that is asked for becomes known. */
  async function decideEdit(now: unknown, old: unknown) {
    const known = new Map([['payments', new Map([['team', 'money']])]]);
    const asked: string[] = [];
    const routes = createRoutes(
      {
        getPolicy: () => policy,
        now: Date.now,
        getNamespaceLabels: async (name) => {
          asked.push(name);
          known.set(
            name,
            new Map([
              ['team', 'money'],
              ['kubernetes.io/metadata.name', name],
            ]),
          );
          return known.get(name);
        },
        getPodRole: () => assert.fail('no pod is asked for'),
        getNamespaces: () => known,
        findExceededBound: () => assert.fail('no allowlist is changed'),
      },
      {
        ...{ workloadsAction: 'Warn', injectorsAction: 'Deny' },
        ...{ excludedNamespaces: [], unmutatedNamespaces: [], ownMetadataKinds: [] },
      },
    );
    const review = profileReview(profileOf(now), profileOf(old));
    const answer = routes['/validate-injectors']?.(review, noCaller);
    return { asked, isAtOnce: !(answer instanceof Promise), decision: await answer };
  }

  const into = (...values: readonly string[]) =>
    entryOf('reader', {
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }],
      },
    });

  test('are waited for if they are not known yet, and decided by the labels that they have then', async () => {
    const { asked, decision } = await decideEdit([into('new', 'other')], []);
    assert.deepEqual([asked, decision?.outcome], [['new', 'other'], 'allow']);
  });

  const atOnce = [
    { name: 'a known namespace is named', now: [into('payments')], old: [] },
    { name: 'no namespace can have the name', now: [into('No_Namespace')], old: [] },
    { name: 'the entry is unchanged', now: [into('new')], old: [into('new')] },
    { name: 'no namespace is named', now: [entryOf('reader', { namespaceSelector: MONEY })], old: [] },
  ];
  for (const { name, now, old } of atOnce) {
    test(`are not waited for if ${name}`, async () => {
      const { asked, isAtOnce } = await decideEdit(now, old);
      assert.deepEqual([asked, isAtOnce], [[], true]);
    });
  }

  test('are waited for up to a bound', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `new-${index}`);
    assert.equal((await decideEdit([into(...names)], [])).asked.length, 16);
  });
});
