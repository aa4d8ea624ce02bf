// What Helm has installed can be applied by another client of server-side apply without a conflict, since nothing is left to
// defaults of the API server that are owned as a whole; and names that look like numbers stay names.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { EXTRAS } from '../../chart/cases.ts';
import { render } from '../../chart/helm.ts';
import { runHelm } from '../harness/run-helm.ts';
import { CHART, startBareCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const { metrics: _, priorityClassName: __, ...extras } = EXTRAS;
const LIST = { namespaces: ['4444412'], roles: ['4711'] };
const VALUES = {
  ...extras,
  drainDelaySeconds: 1,
  bindAddress: 'podIP',
  tolerations: [],
  networkPolicy: { ...extras.networkPolicy, apiServer: { anyAddress: true } },
  allowlists: { 20261129: LIST },
  delegations: [{ groups: ['team-a'], listNamePrefix: 'team-a-', namespaces: ['team-a'], roles: ['reader'] }],
};
const RELEASE = '12345';
const NAMESPACE = '4444412';

for (const helm of ['helm3', 'helm4'] as const) {
  suite(`a release of ${helm} whose names are numbers`, () => {
    let cluster: WebhookCluster;

    before(async () => {
      cluster = await startBareCluster(helm);
    });

    after(() => cluster?.stop());

    test('is installed, and passes helm test', async () => {
      const sets = Object.entries(VALUES).flatMap(([name, value]) => [
        '--set-json',
        `${name}=${JSON.stringify(value)}`,
      ]);
      const run = async (...args: readonly string[]) => {
        const { code, stdout, stderr } = await runHelm(cluster.controlPlane, helm, [
          ...args,
          ...['--namespace', NAMESPACE, '--timeout=60s'],
        ]);
        assert.equal(code, 0, `${stdout}${stderr}`);
      };
      await run('install', RELEASE, CHART, '--create-namespace', '--wait', ...sets);
      await run('test', RELEASE, '--logs');
    });

    test('meets no conflict where another client applies the same objects', async () => {
      const manifests = render(VALUES, { helm, release: RELEASE, flags: ['--namespace', NAMESPACE] });
      const applied = await cluster.kubectl(['apply', '--server-side', '--field-manager=other', '-f', '-'], {
        input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
      });
      assert.equal(applied.trim().split('\n').length, manifests.length);
    });
  });
}
