// kube-system is nobody's business here; the release's own namespace is watched like any other, except that nothing is
// injected or stripped there.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { allowlist, namespace, pod, ROLE_ANNOTATION } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { NAMESPACE, type WebhookCluster } from './support/webhook-cluster.ts';

const CASES = [
  { title: 'a role in kube-system', namespace: 'kube-system', role: 'anything', outcome: 'anything' },
  {
    title: 'a protected role in kube-system',
    namespace: 'kube-system',
    role: 'KubernetesMasterRole-1',
    outcome: 'KubernetesMasterRole-1',
  },
  { title: 'no role in kube-system', namespace: 'kube-system', role: undefined, outcome: 'none' },
  { title: "a role in the release's namespace", namespace: NAMESPACE, role: 'anything', outcome: 'refused' },
  {
    title: "an allowed role in the release's namespace",
    namespace: NAMESPACE,
    role: 'default-role',
    outcome: 'default-role',
  },
  { title: "no role in the release's namespace", namespace: NAMESPACE, role: undefined, outcome: 'none' },
  { title: 'a role elsewhere', namespace: 'payments', role: 'anything', outcome: 'refused' },
  { title: 'no role elsewhere', namespace: 'payments', role: undefined, outcome: 'default-role' },
  {
    title: 'a role in a namespace that claims to be kube-system',
    namespace: 'forged',
    role: 'anything',
    outcome: 'refused',
  },
] as const;

suite('namespaces and what is decided in them, under one allowlist for all', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply([
      namespace('payments'),
      // The API server puts its own value in the place of a forged one.
      namespace('forged', { 'kubernetes.io/metadata.name': 'kube-system' }),
      allowlist('all', { namespaces: ['*'], roles: ['default-role'], defaultRole: 'default-role' }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    await waitFor(
      'the list to take effect',
      async () => (await create('payments', undefined)) === 'default-role',
    );
  });

  after(() => cluster?.stop());

  /** The role of the pod that comes of it, `none` or `refused`. */
  async function create(namespaceName: string, role: string | undefined): Promise<string> {
    const { code, stdout, stderr } = await cluster.controlPlane.kubectl(
      ['create', '--dry-run=server', '-o', 'json', '-f', '-'],
      { input: JSON.stringify(pod('test', namespaceName, role)) },
    );
    if (code !== 0) {
      assert.match(
        stderr,
        /admission webhook "validate-pods\.eci-ram-role\.io" denied|admission webhook "mutate-pods\.eci-ram-role\.io" denied/,
      );
      return 'refused';
    }
    return JSON.parse(stdout).metadata.annotations?.[ROLE_ANNOTATION] ?? 'none';
  }

  for (const { title, namespace, role, outcome } of CASES) {
    test(`${title}: ${outcome}`, async () => {
      assert.equal(await create(namespace, role), outcome);
    });
  }
});
