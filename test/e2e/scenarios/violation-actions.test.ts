// A pod whose role is not allowed, as its developer and a reader of the audit log see it: the four actions, and a role
// that is allowed for a limited time only.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { auditOfPod } from './support/audit-log.ts';
import { attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, namespace, pod } from './support/manifests.ts';
import { roleOf } from './support/pods.ts';
import { listReplicas } from './support/replicas.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';

const NAMESPACES = ['denying', 'stripping', 'bare', 'warning', 'auditing', 'limited'];
const DAY_MS = 86_400_000;
const EXPIRES_AT = new Date(Date.now() + 3 * DAY_MS).toISOString().replace(/\.\d+/, '');

suite('the actions on a violation', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster();
    await cluster.apply([
      ...NAMESPACES.map((name) => namespace(name)),
      allowlist('denying', { namespaces: ['denying'], roles: ['reader'], contact: '#denying' }),
      allowlist('stripping', {
        ...{ namespaces: ['stripping'], roles: ['reader'], defaultRole: 'reader' },
        violationAction: 'Strip',
      }),
      allowlist('bare', { namespaces: ['bare'], roles: ['reader'], violationAction: 'Strip' }),
      allowlist('warning', { namespaces: ['warning'], roles: ['reader'], violationAction: 'Warn' }),
      allowlist('auditing', { namespaces: ['auditing'], roles: ['reader'], violationAction: 'Audit' }),
      allowlist('auditing-too', { namespaces: ['audit*'], roles: [], violationAction: 'Audit' }),
      allowlist('limited', {
        ...{ namespaces: ['limited'], roles: ['reader'], expiresAt: EXPIRES_AT },
        reason: 'incident 4711',
      }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
  });

  after(() => cluster?.stop());

  const apply = (namespaceName: string, role: string | undefined, name = 'app') =>
    attemptApply(cluster, pod(name, namespaceName, role));

  test('Deny: kubectl prints what is allowed and whom to ask', async () => {
    assert.deepEqual(await apply('denying', 'writer'), {
      succeeded: false,
      printed: '',
      error:
        'Error from server (Forbidden): error when creating "STDIN": admission webhook "mutate-pods.eci-ram-role.io" denied the request: RAM role "writer" is not allowed in namespace "denying". Allowed for ServiceAccount "default": reader (allowlists: denying). Contact: #denying',
      warnings: [],
    });
  });

  test('Strip: kubectl prints one warning, and the pod has the default', async () => {
    assert.deepEqual(await apply('stripping', 'writer'), {
      succeeded: true,
      printed: 'pod/app created',
      error: '',
      warnings: [
        'RAM role "writer" is not allowed in namespace "stripping", annotation removed (violationAction: Strip), default role "reader" injected',
      ],
    });
    assert.equal(await roleOf(cluster, 'stripping', 'app'), 'reader');
    assert.deepEqual(await auditOfPod(cluster, 'stripping', 'app'), {
      'mutate-pods.eci-ram-role.io/stripped': 'writer',
      'mutate-pods.eci-ram-role.io/injected': 'reader',
      'validate-pods.eci-ram-role.io/decision': 'allow',
      'validate-pods.eci-ram-role.io/role': 'reader',
      'validate-pods.eci-ram-role.io/allowlist': 'stripping',
    });
  });

  test('Strip where there is no default: the pod has no role', async () => {
    const { succeeded, warnings } = await apply('bare', 'writer');
    assert.deepEqual(
      [succeeded, warnings],
      [
        true,
        ['RAM role "writer" is not allowed in namespace "bare", annotation removed (violationAction: Strip)'],
      ],
    );
    assert.equal(await roleOf(cluster, 'bare', 'app'), undefined);
    assert.deepEqual(await auditOfPod(cluster, 'bare', 'app'), {
      'mutate-pods.eci-ram-role.io/stripped': 'writer',
    });
  });

  test('Warn: kubectl prints one warning, although two webhooks were asked', async () => {
    assert.deepEqual(await apply('warning', 'writer'), {
      succeeded: true,
      printed: 'pod/app created',
      error: '',
      warnings: ['RAM role "writer" is not allowed in namespace "warning", admitted (violationAction: Warn)'],
    });
    assert.equal(await roleOf(cluster, 'warning', 'app'), 'writer');
    assert.deepEqual(await auditOfPod(cluster, 'warning', 'app'), {
      'validate-pods.eci-ram-role.io/decision': 'warn',
      'validate-pods.eci-ram-role.io/role': 'writer',
      'validate-pods.eci-ram-role.io/allowlist': 'warning',
    });
  });

  test('Audit: the developer sees nothing, the audit log tells', async () => {
    assert.deepEqual(await apply('auditing', 'writer'), {
      succeeded: true,
      printed: 'pod/app created',
      error: '',
      warnings: [],
    });
    assert.equal(await roleOf(cluster, 'auditing', 'app'), 'writer');
    assert.deepEqual(await auditOfPod(cluster, 'auditing', 'app'), {
      'validate-pods.eci-ram-role.io/decision': 'audit',
      'validate-pods.eci-ram-role.io/role': 'writer',
      'validate-pods.eci-ram-role.io/allowlist': 'auditing,auditing-too',
    });
  });

  test('an injected default is in the audit log', async () => {
    assert.deepEqual((await apply('stripping', undefined, 'without')).warnings, []);
    assert.deepEqual(await auditOfPod(cluster, 'stripping', 'without'), {
      'mutate-pods.eci-ram-role.io/injected': 'reader',
      'validate-pods.eci-ram-role.io/decision': 'allow',
      'validate-pods.eci-ram-role.io/role': 'reader',
      'validate-pods.eci-ram-role.io/allowlist': 'stripping',
    });
  });

  test('a pod that neither names a role nor gets one leaves nothing there', async () => {
    assert.deepEqual((await apply('denying', undefined, 'without')).warnings, []);
    assert.deepEqual(await auditOfPod(cluster, 'denying', 'without'), {});
  });

  test('a role that is allowed for a time only: kubectl prints once how long', async () => {
    const { succeeded, warnings } = await apply('limited', 'reader');
    assert.equal(succeeded, true);
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(
      warnings[0] ?? '',
      /^RAM role "reader" is allowed in namespace "limited" for another 2d 23h, until \S+Z \(reason: incident 4711\)$/,
    );
    assert.ok(warnings[0]?.includes(`until ${EXPIRES_AT} (reason: `));
    assert.equal(
      (await auditOfPod(cluster, 'limited', 'app'))['validate-pods.eci-ram-role.io/decision'],
      'allow',
    );
  });

  test('every violation is counted and logged at level warn, whatever the action', async () => {
    const replicas = await listReplicas(cluster);
    const counted = async (path: string, decision: string) => {
      const labels = { path, decision, reason: 'not-allowed' };
      const counts = await Promise.all(replicas.map(({ metric }) => metric('decisions_total', labels)));
      return counts.reduce((total, count) => total + count, 0);
    };
    assert.equal(replicas.length, 2);
    assert.equal(await counted('/mutate-pods', 'deny'), 1);
    assert.equal(await counted('/mutate-pods', 'strip'), 2);
    assert.equal(await counted('/mutate-pods', 'warn'), 1);
    assert.equal(await counted('/validate-pods', 'warn'), 1);
    assert.equal(await counted('/mutate-pods', 'audit'), 1);
    assert.equal(await counted('/validate-pods', 'audit'), 1);

    const readLines = () =>
      replicas.flatMap(({ log }) => log()).filter((line) => line.includes('"role":"writer"'));
    await waitFor('all lines', () => readLines().length >= 7);
    const lines = readLines();
    assert.equal(lines.length, 7);
    assert.deepEqual(
      lines.filter((line) => !/"level":(?:40|"warn")/.test(line)),
      [],
    );
  });

  test('where nothing is refused everywhere, helm test passes by what is admitted', async () => {
    await cluster.install({ unlistedNamespaces: 'Audit', protectedRoles: [] });
    assert.match(await cluster.helm('test', RELEASE, '--timeout=60s'), /Phase:\s+Succeeded/);
  });
});
