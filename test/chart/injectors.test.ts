// The webhook of injectors: which requests reach it, and that nothing is left of it where it is switched off.
import assert from 'node:assert/strict';
import test from 'node:test';
import { render, type Values } from './helm.ts';

type Webhook = Readonly<Record<string, unknown> & { name: string }>;

function webhooks(values: Values): readonly Webhook[] {
  const configuration = render(values).find(({ kind }) => kind === 'ValidatingWebhookConfiguration');
  return Object(configuration).webhooks;
}

const injectors = (values: Values) =>
  webhooks(values).find(({ name }) => name === 'validate-injectors.eci-ram-role.io');

function args(values: Values): readonly string[] {
  const deployment = render(values).find(({ kind }) => kind === 'Deployment');
  return Object(deployment).spec.template.spec.containers[0].args;
}

for (const action of ['Deny', 'Warn']) {
  test(`under ${action} the server is told, and asked about no namespace less`, () => {
    const values = {
      injectors: { action },
      validatingWebhook: {
        failurePolicy: 'Ignore',
        timeoutSeconds: 1,
        excludedNamespaces: ['kube-system', 'infra'],
      },
    };
    const { failurePolicy, timeoutSeconds, namespaceSelector } = injectors(values) ?? assert.fail();
    assert.deepEqual([failurePolicy, timeoutSeconds, namespaceSelector], ['Fail', 1, undefined]);
    assert.ok(args(values).includes(`--injectors-action=${action}`));
    assert.ok(args(values).includes('--excluded-namespaces=kube-system,infra'));
  });
}

for (const action of ['Off', false]) {
  test(`under ${action} there is no such webhook, and the others are untouched`, () => {
    const off = { injectors: { action } };
    assert.equal(injectors(off), undefined);
    assert.deepEqual(
      webhooks(off),
      webhooks({}).filter(({ name }) => name !== 'validate-injectors.eci-ram-role.io'),
    );
    assert.ok(args(off).includes('--injectors-action=Off'));
  });
}

test('an empty list of excluded namespaces is told as such', () => {
  assert.ok(args({ validatingWebhook: { excludedNamespaces: [] } }).includes('--excluded-namespaces='));
});
