// The story that the project began with: a Deployment's pods may take the role that their namespace's allowlist has, and
// no other.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist, deployment, namespace, ROLE_ANNOTATION } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';

suite('the seed', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply([
      namespace('payments'),
      namespace('web'),
      allowlist('payments', {
        namespaces: ['payments'],
        roles: ['ECIRamRoleTest', 'payments-reader'],
        defaultRole: 'payments-reader',
        contact: '#platform-payments',
      }),
      allowlist('web', { namespaces: ['web'], roles: ['web-reader'] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  async function roleOfPod(app: string, namespaceName: string): Promise<string> {
    const path = `jsonpath={.items[0].metadata.annotations['${ROLE_ANNOTATION.replaceAll('.', '\\.')}']}`;
    return waitFor(
      `a pod of ${app}`,
      async () =>
        (await cluster.kubectl(['get', 'pods', '-n', namespaceName, '-l', `app=${app}`, '-o', path])) ||
        undefined,
    );
  }

  async function failureOfReplicaSet(app: string, namespaceName: string): Promise<string> {
    const path = 'jsonpath={.items[0].status.conditions[?(@.type=="ReplicaFailure")].message}';
    return waitFor(
      `the failure of ${app}`,
      async () =>
        (await cluster.kubectl(['get', 'rs', '-n', namespaceName, '-l', `app=${app}`, '-o', path])) ||
        undefined,
    );
  }

  test('a Deployment that names an allowed role gets it', async () => {
    await cluster.apply([deployment('allowed', 'payments', 'ECIRamRoleTest')]);
    assert.equal(await roleOfPod('allowed', 'payments'), 'ECIRamRoleTest');
  });

  test('a Deployment that names the role of another namespace is denied, and the message names the allowed ones', async () => {
    await cluster.apply([deployment('refused', 'web', 'ECIRamRoleTest')]);
    const message = await failureOfReplicaSet('refused', 'web');
    assert.match(message, /RAM role "ECIRamRoleTest" is not allowed .*namespace "web"/);
    assert.match(message, /Allowed for ServiceAccount "default": web-reader /);
  });

  test('a Deployment that names no role gets the default of its namespace', async () => {
    await cluster.apply([deployment('without', 'payments', undefined)]);
    assert.equal(await roleOfPod('without', 'payments'), 'payments-reader');
  });

  test('a placeholder is denied with the fix', async () => {
    const placeholder = '$' + '{your_ram_role_name}';
    await cluster.apply([deployment('placeholder', 'payments', placeholder)]);
    assert.match(await failureOfReplicaSet('placeholder', 'payments'), /replace the placeholder/);
  });

  test('a Deployment refused for want of a list recovers by itself once there is one', async () => {
    await cluster.apply([namespace('later'), deployment('patient', 'later', 'later-reader')]);
    assert.match(await failureOfReplicaSet('patient', 'later'), /no allowlist selects this namespace/);
    await cluster.apply([allowlist('later', { namespaces: ['later'], roles: ['later-*'] })]);
    assert.equal(await roleOfPod('patient', 'later'), 'later-reader');
  });
});
