// What the command line says of a real cluster: the allowlists and namespaces that it reads, the pods that use a role, and the
// permission that is missing.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { stringify } from 'yaml';
import { runCommand } from '../harness/run-command.ts';
import { waitFor } from '../harness/wait-for.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, deployment, namespace, pod } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';

const BUNDLE = join(import.meta.dirname, '../../../dist/eci-ram-role-webhook.cjs');
const MANY = 520;

suite('the command line and a cluster', () => {
  let cluster: WebhookCluster;
  let directory: string;

  before(async () => {
    cluster = await acquireCluster();
    directory = cluster.controlPlane.directory;
    await cluster.apply([
      namespace('payments'),
      namespace('labelled', { team: 'a' }),
      allowlist('payments', { namespaces: ['payments'], roles: ['reader'], defaultRole: 'reader' }),
      allowlist('labels', { namespaceSelector: { matchLabels: { team: 'a' } }, roles: ['reader'] }),
    ]);
    const running = pod('running', 'payments', 'reader');
    await waitFor('the allowlists to count', () => cluster.apply([running]));
  });

  after(() => cluster?.stop());

  const run = (argv: readonly string[], token?: string) => {
    const kubeconfig = token === undefined ? cluster.controlPlane.kubeconfigPath : writeKubeconfig(token);
    return runCommand(process.execPath, [BUNDLE, ...argv, '--kubeconfig', kubeconfig]);
  };

  /** The kubeconfig of a ServiceAccount's token. */
  function writeKubeconfig(token: string): string {
    const path = join(directory, 'limited.json');
    const admin = JSON.parse(readFileSync(cluster.controlPlane.kubeconfigPath, 'utf8'));
    writeFileSync(
      path,
      JSON.stringify({
        ...admin,
        users: [{ name: 'limited', user: { token } }],
        contexts: [{ name: 'limited', context: { cluster: admin.clusters[0].name, user: 'limited' } }],
        'current-context': 'limited',
      }),
    );
    return path;
  }

  test('explain reads allowlists and the labels of namespaces', async () => {
    const { code, stdout, stderr } = await run(['explain', 'labelled', '-o', 'json']);
    assert.equal(code, 0, stderr);
    const { namespace: explained, notes } = JSON.parse(stdout);
    assert.deepEqual([explained.isKnown, explained.labels.team, notes], [true, 'a', []]);
    assert.deepEqual(
      explained.allowlists.map(({ name, selectedBy }: { name: string; selectedBy: string }) => [
        name,
        selectedBy,
      ]),
      [['labels', 'labels']],
    );
  });

  test('who-can names the namespaces and the pods that use the role', async () => {
    const { stdout, stderr } = await run(['who-can', 'reader', '-o', 'json']);
    const { grants, pods } = JSON.parse(stdout);
    assert.equal(stderr, '');
    assert.deepEqual(
      grants.map(({ allowlist, knownNamespaces }: { allowlist: string; knownNamespaces: string[] }) => [
        allowlist,
        knownNamespaces,
      ]),
      [
        ['labels', ['labelled']],
        ['payments', ['payments']],
      ],
    );
    assert.deepEqual(pods, [{ namespace: 'payments', name: 'running', serviceAccount: 'default' }]);
  });

  test('check decides by the allowlists of the cluster, and by a file in the stead of one', async () => {
    const manifests = join(directory, 'pods.yaml');
    writeFileSync(
      manifests,
      [pod('a', 'payments', 'writer'), pod('b', 'labelled', 'reader')]
        .map((object) => stringify(object))
        .join('---\n'),
    );
    const byCluster = await run(['check', '-f', manifests, '--allowlists=cluster', '-o', 'json']);
    assert.equal(byCluster.code, 1, byCluster.stderr);
    const list = join(directory, 'payments.yaml');
    writeFileSync(list, stringify(allowlist('payments', { namespaces: ['payments'], roles: ['writer'] })));
    const argv = ['check', '-f', manifests, '--allowlists=cluster', '--allowlists', list];
    const byBoth = await run(argv);
    assert.equal(byBoth.code, 0, byBoth.stdout);
  });

  test('diff foretells the pods that are denied once the new allowlists are applied', async () => {
    const workloads = ['reader', 'writer'].map((role) => deployment(`uses-${role}`, 'payments', role));
    await cluster.apply(workloads);
    const next = [
      allowlist('payments', { namespaces: ['payments'], roles: ['writer'], violationAction: 'Deny' }),
      allowlist('labels', { namespaceSelector: { matchLabels: { team: 'a' } }, roles: ['reader'] }),
    ];
    const file = join(directory, 'next.yaml');
    writeFileSync(file, next.map((object) => stringify(object)).join('---\n'));
    const { code, stdout, stderr } = await run(['diff', 'cluster', file, '-o', 'json']);
    assert.equal(code, 1, stderr);
    const { changes, compared } = JSON.parse(stdout);
    const foretold = new Map<string, string>(
      changes.map(({ namespace, name, change }: Record<string, string>) => [`${namespace}/${name}`, change]),
    );
    assert.ok(compared >= 3);
    assert.deepEqual(Object.fromEntries(foretold), {
      'payments/running': 'newly-denied',
      'payments/uses-reader': 'newly-denied',
      'payments/uses-writer': 'newly-allowed',
    });

    await cluster.apply(next);
    const dryRun = (role: string) =>
      attempt(cluster, ['create', '--dry-run=server', '-f', '-'], [pod('later', 'payments', role)]);
    await waitFor('the new allowlists to count', async () => !(await dryRun('reader')).succeeded);
    assert.ok((await dryRun('writer')).succeeded);
    await cluster.apply([
      allowlist('payments', { namespaces: ['payments'], roles: ['reader'], defaultRole: 'reader' }),
    ]);
  });

  test('reads more allowlists than one page has', async () => {
    const lists = Array.from({ length: MANY }, (_, index) =>
      allowlist(`many-${index}`, { namespaces: [`many-${index}`], roles: ['many'] }),
    );
    for (let start = 0; start < MANY; start += 130) {
      await cluster.apply(lists.slice(start, start + 130));
    }
    const { stdout } = await run(['who-can', 'many', '-o', 'json']);
    assert.equal(JSON.parse(stdout).grants.length, MANY);
  });

  test('names the permission that is missing, and goes on with the rest', async () => {
    const rules = [{ apiGroups: ['eci-ram-role.io'], resources: ['ramroleallowlists'], verbs: ['list'] }];
    const subjects = [{ kind: 'ServiceAccount', name: 'limited', namespace: 'payments' }];
    await cluster.apply([
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'limited', namespace: 'payments' } },
    ]);
    const token = (await cluster.kubectl(['create', 'token', 'limited', '-n', 'payments'])).trim();
    const without = await run(['explain', 'payments'], token);
    assert.deepEqual([without.code, without.stdout], [2, '']);
    assert.match(
      without.stderr,
      /^the cluster: expected the permission to list ramroleallowlists\.eci-ram-role\.io, found none; /,
    );

    await cluster.apply([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'limited' },
        rules,
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'limited' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'limited' },
        subjects,
      },
    ]);
    const { code, stdout, stderr } = await run(['who-can', 'reader'], token);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^payments\t\*\tpayments\treader \(default\)\t-\t-$/m);
    assert.match(stderr, /^note: the cluster: expected the permission to list namespaces, found none; /m);
    assert.match(stderr, /^note: the cluster: expected the permission to list pods, found none; /m);
  });
});
