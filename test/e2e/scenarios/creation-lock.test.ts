// A role that is right at a pod's creation stays: whoever may change pods, by whatever route, with the webhook up or down.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION } from './support/manifests.ts';
import { startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const REFUSAL = `annotation ${ROLE_ANNOTATION} cannot change after a pod is created: it is "reader"; to run as another RAM role, create the pod anew`;

suite('the creation lock', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.apply([
      namespace('payments'),
      allowlist('payments', { namespaces: ['payments'], roles: ['reader', 'writer'] }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'payments', '--timeout=30s']);
    await waitFor('the pod', () =>
      cluster.apply([pod('held', 'payments', 'reader'), pod('plain', 'payments', undefined)]),
    );
  });

  after(() => cluster?.stop());

  const patchOf = (value: string | null) =>
    JSON.stringify({ metadata: { annotations: { [ROLE_ANNOTATION]: value } } });

  const routes = [
    { name: 'annotate', args: ['annotate', '--overwrite', 'pod/held', `${ROLE_ANNOTATION}=writer`] },
    { name: 'annotate away', args: ['annotate', 'pod/held', `${ROLE_ANNOTATION}-`] },
    { name: 'a merge patch', args: ['patch', 'pod', 'held', '--type=merge', '-p', patchOf('writer')] },
    {
      name: 'a merge patch to an empty value',
      args: ['patch', 'pod', 'held', '--type=merge', '-p', patchOf('')],
    },
    {
      name: 'server-side apply',
      args: ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      object: pod('held', 'payments', 'writer'),
    },
  ];

  async function refused(args: readonly string[], object?: object): Promise<string> {
    const { code, stderr } = await cluster.controlPlane.kubectl(
      ['-n', 'payments', ...args],
      object === undefined ? {} : { input: JSON.stringify(object) },
    );
    assert.equal(code, 1);
    return stderr;
  }

  for (const { name, args, object } of routes) {
    test(`refuses to change the role by ${name}`, async () => {
      assert.ok((await refused(args, object)).includes(REFUSAL));
    });
  }

  test('refuses to give a role to a pod that has none', async () => {
    const message = await refused(['annotate', 'pod/plain', `${ROLE_ANNOTATION}=reader`]);
    assert.match(message, /cannot change after a pod is created: it is ""/);
  });

  test('lets everything else of a pod change', async () => {
    const changes = [
      ['annotate', 'pod/held', 'k8s.aliyun.com/eci-instance-id=eci-1'],
      ['annotate', 'pod/plain', 'k8s.aliyun.com/eci-instance-id=eci-2'],
      ['annotate', '--overwrite', 'pod/plain', 'k8s.aliyun.com/eci-instance-id=eci-3'],
      ['label', 'pod/held', 'tier=backend'],
      ['patch', 'pod', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/x"]}}'],
      ['patch', 'pod', 'held', '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]'],
      ['patch', 'pod', 'held', '--subresource=status', '--type=merge', '-p', '{"status":{"message":"fine"}}'],
    ];
    for (const change of changes) {
      await cluster.kubectl(['-n', 'payments', ...change]);
    }
  });

  test('only audits by way of the status, lest a stale copy of a virtual kubelet freezes it', async () => {
    const args = ['patch', 'pod', 'held', '--subresource=status', '--type=merge', '-p'];
    await cluster.kubectl(['-n', 'payments', ...args, patchOf('writer')]);
    await cluster.kubectl(['-n', 'payments', ...args, patchOf('reader')]);
  });

  test('holds while the webhook is down', async () => {
    await cluster.kubectl([
      '-n',
      'eci-ram-role-system',
      'scale',
      'deployment',
      'eci-ram-role-webhook',
      '--replicas=0',
    ]);
    await cluster.kubectl([
      '-n',
      'eci-ram-role-system',
      'wait',
      '--for=delete',
      'pods',
      '--all',
      '--timeout=60s',
    ]);
    assert.ok(
      (await refused(['annotate', '--overwrite', 'pod/held', `${ROLE_ANNOTATION}=writer`])).includes(REFUSAL),
    );
  });

  test('denies by way of the status where the values say so', async () => {
    await cluster.install({ creationLock: { podsStatus: 'Deny' } });
    const args = ['patch', 'pod', 'held', '--subresource=status', '--type=merge', '-p', patchOf('writer')];
    await waitFor('the policy to count', async () => {
      const { code, stderr } = await cluster.controlPlane.kubectl([
        '-n',
        'payments',
        ...args,
        '--dry-run=server',
      ]);
      return code === 1 && stderr.includes(REFUSAL);
    });
  });
});
