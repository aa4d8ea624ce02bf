import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { call } from '../support/call.ts';
import { metric } from '../support/probe.ts';
import { startTestWebhook } from '../support/start-webhook.ts';

const DEPLOYMENT = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'uid-1',
    namespace: 'payments',
    name: 'web',
    operation: 'CREATE',
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    object: {
      metadata: { name: 'web' },
      spec: { template: { metadata: { annotations: { 'k8s.aliyun.com/eci-ram-role-name': 'admin' } } } },
    },
  },
});

suite('POST /validate-workloads', () => {
  const rows = [
    { flags: [], allowed: true, warnings: 1, word: 'warn', reason: 'not-allowed' },
    { flags: ['--workloads-action=Deny'], allowed: false, warnings: 0, word: 'deny', reason: 'not-allowed' },
    {
      flags: ['--workloads-action=Deny', '--excluded-namespaces=a,payments'],
      ...{ allowed: true, warnings: 0, word: 'allow', reason: 'not-decided' },
    },
    { flags: ['--workloads-action=Off'], allowed: true, warnings: 0, word: 'allow', reason: 'not-decided' },
  ];

  for (const { flags, allowed, warnings, word, reason } of rows) {
    test(`answers ${word}, ${reason} to a Deployment with a wrong role with ${flags.join(' ') || 'no flags'}`, async (t) => {
      const webhook = await startTestWebhook(t, ...flags);
      const { status, body } = await call(webhook, { path: '/validate-workloads', body: DEPLOYMENT });
      const { response } = JSON.parse(body);

      assert.equal(status, 200);
      assert.deepEqual([response.uid, response.allowed], ['uid-1', allowed]);
      assert.equal(response.warnings?.length ?? 0, warnings);
      assert.equal(
        await metric(
          webhook,
          `decisions_total{path="/validate-workloads",decision="${word}",reason="${reason}",dry_run="false"}`,
        ),
        1,
      );
      const line = webhook.log.find((line) => line.includes('/validate-workloads')) ?? '{}';
      const { decision, kind, name, role } = JSON.parse(line);
      assert.deepEqual(
        { decision, kind, name, role },
        {
          decision: word,
          kind: 'Deployment',
          name: 'web',
          role: reason === 'not-decided' ? undefined : 'admin',
        },
      );
    });
  }

  for (const [flags, outcome] of [
    [[], 'created without it'],
    [['--unmutated-namespaces=a,unlisted'], 'denied'],
  ] as const) {
    test(`warns that pods will be ${outcome} with ${flags.join() || 'no flags'}`, async (t) => {
      const webhook = await startTestWebhook(t, '--unlisted-namespaces=Strip', ...flags);
      const { body } = await call(webhook, {
        path: '/validate-workloads',
        body: DEPLOYMENT.replace('"namespace":"payments"', '"namespace":"unlisted"'),
      });
      assert.match(String(JSON.parse(body).response.warnings), new RegExp(`will be ${outcome}`));
    });
  }

  test('does not decide a pod', async (t) => {
    const webhook = await startTestWebhook(t, '--workloads-action=Deny');
    const { body } = await call(webhook, { path: '/validate-workloads' });
    assert.deepEqual(JSON.parse(body).response, { uid: 'uid-1', allowed: true });
  });
});
