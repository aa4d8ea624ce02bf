// An installation that cannot start, such as one whose image was never pushed, is no outage: not while it lasts, and not
// after Helm has taken it back.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { runHelm } from '../harness/run-helm.ts';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { namespace } from './support/manifests.ts';
import {
  CHART,
  type HelmVersion,
  NAMESPACE,
  RELEASE,
  startBareCluster,
  type WebhookCluster,
} from './support/webhook-cluster.ts';

const ROLLBACK_FLAGS = { helm3: '--atomic', helm4: '--rollback-on-failure' } as const;
const TIMEOUT = '--timeout=5s';

suite('an installation whose image never starts', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await startBareCluster();
    cluster.images[`${RELEASE}:broken`] = { run: 'never-starts' };
    await cluster.apply([namespace('payments')]);
  });

  after(() => cluster?.stop());

  const helm = (version: HelmVersion, ...args: readonly string[]) =>
    runHelm(cluster.controlPlane, version, [...args, '-n', NAMESPACE]);
  const install = (version: HelmVersion, ...flags: readonly string[]) =>
    helm(version, 'install', RELEASE, CHART, '--create-namespace', '--set', 'image.tag=broken', ...flags);
  const untilRefused = () =>
    waitFor('pods that name a role to be refused', () =>
      createPod(cluster, 'reader').then(
        () => false,
        () => true,
      ),
    );

  for (const version of ['helm3', 'helm4'] as const) {
    test(`${version} install --wait fails; meanwhile only pods that name a role are refused`, async () => {
      const installing = install(version, '--wait', TIMEOUT);
      await untilRefused();
      await createPod(cluster, undefined);
      await assert.rejects(
        createPod(cluster, 'reader'),
        /Internal error occurred: failed calling webhook "validate-pods\.eci-ram-role\.io": .*eci-ram-role-webhook\.eci-ram-role-system\.svc/,
      );
      const { code, stderr } = await installing;
      assert.notEqual(code, 0);
      assert.match(stderr, /deadline exceeded|timed out|not ready/i);

      // It stays until somebody acts, as Helm promises.
      await createPod(cluster, undefined);
      await assert.rejects(createPod(cluster, 'reader'), /failed calling webhook/);
    });

    test(`${version} uninstall makes pods that name a role creatable again`, async () => {
      const { code, stderr } = await helm(version, 'uninstall', RELEASE, '--wait', '--timeout=60s');
      assert.equal(code, 0, stderr);
      await createPod(cluster, 'reader');
    });

    test(`${version} install ${ROLLBACK_FLAGS[version]} takes back what it made by itself`, async () => {
      const { code, stderr } = await install(version, ROLLBACK_FLAGS[version], TIMEOUT);
      assert.notEqual(code, 0);
      assert.match(stderr, /uninstall|rollback/i);
      await createPod(cluster, 'reader');
      const registrations = await cluster.kubectl([
        'get',
        'validatingwebhookconfigurations,mutatingwebhookconfigurations',
        '-o',
        'name',
      ]);
      assert.equal(registrations, '');
    });
  }

  test('an upgrade to such an image leaves the replicas that work', async () => {
    await cluster.install({ unlistedNamespaces: 'Warn' });
    const { code } = await helm(
      'helm4',
      ...[
        'upgrade',
        RELEASE,
        CHART,
        '--reset-then-reuse-values',
        '--set',
        'image.tag=broken',
        '--wait',
        TIMEOUT,
      ],
    );
    assert.notEqual(code, 0);
    await createPod(cluster, 'reader');
    await assert.rejects(createPod(cluster, 'KubernetesMasterRole-1'), /denied the request/);
    await cluster.helm('rollback', RELEASE, '--wait', '--timeout=60s');
    await createPod(cluster, 'reader');
  });
});
