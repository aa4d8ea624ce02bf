// From helm install to helm uninstall, with Helm 3 and with Helm 4: what each step promises, and what is left at the end.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { createPod } from './support/create-pod.ts';
import { listAllNames } from './support/list-objects.ts';
import { allowlist, namespace } from './support/manifests.ts';
import { startPodLoad } from './support/pod-load.ts';
import {
  CHART,
  NAMESPACE,
  RELEASE,
  startBareCluster,
  type WebhookCluster,
} from './support/webhook-cluster.ts';

/** Helm's rule: a CRD stays, and with it the API server's own record of its version, and its objects. */
const LEFT = [
  'apiextensions.k8s.io/v1/customresourcedefinitions ramroleallowlists.eci-ram-role.io',
  'apiregistration.k8s.io/v1/apiservices v1alpha1.eci-ram-role.io',
  'eci-ram-role.io/v1alpha1/ramroleallowlists payments',
];
const REGISTRATION = 'validatingwebhookconfigurations,mutatingwebhookconfigurations';

for (const helmVersion of ['helm3', 'helm4'] as const) {
  suite(`the life of a release of ${helmVersion}`, () => {
    let cluster: WebhookCluster;
    let objectsBefore: readonly string[];

    before(async () => {
      cluster = await startBareCluster(helmVersion);
      await cluster.apply([namespace('payments'), namespace(NAMESPACE)]);
      await settled();
      objectsBefore = await listAllNames(cluster.controlPlane.client);
    });

    after(() => cluster?.stop());

    /** Controllers give each namespace a ServiceAccount and a ConfigMap, a little later. */
    const settled = () =>
      waitFor('what each namespace gets', async () => {
        const objects = await listAllNames(cluster.controlPlane.client);
        return ['payments', NAMESPACE].every((name) =>
          [`v1/serviceaccounts ${name}/default`, `v1/configmaps ${name}/kube-root-ca.crt`].every((one) =>
            objects.includes(one),
          ),
        );
      });
    const logLevels = async (): Promise<readonly string[]> => {
      const pods = JSON.parse(await cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-o', 'json']));
      return pods.items.flatMap(({ spec }: { spec: { containers: { args: string[] }[] } }) =>
        spec.containers.flatMap(({ args }) => args.filter((arg) => arg.startsWith('--log-level='))),
      );
    };

    test('install --wait ends when pods are decided', async () => {
      await cluster.install();
      await assert.rejects(createPod(cluster, 'reader'), /no allowlist selects this namespace/);
      await cluster.apply([allowlist('payments', { namespaces: ['payments'], roles: ['reader'] })]);
      await waitFor('the list to take effect', () => createPod(cluster, 'reader').then(() => true));
    });

    test('helm test passes with its log, and leaves at most the pod, whose log Helm 3 reads last', async () => {
      const objects = await listAllNames(cluster.controlPlane.client);
      const output = await cluster.helm('test', RELEASE, '--logs', '--timeout=60s');
      assert.match(output, /Phase:\s+Succeeded/);
      assert.match(output, /passed: the webhook refused the pod/);
      const left = (await listAllNames(cluster.controlPlane.client)).filter(
        (name) => !objects.includes(name),
      );
      assert.deepEqual(left, helmVersion === 'helm3' ? [`v1/pods ${NAMESPACE}/${RELEASE}-test`] : []);
      await cluster.kubectl(['delete', 'pod', `${RELEASE}-test`, '-n', NAMESPACE, '--ignore-not-found']);
    });

    test('an upgrade replaces every pod, and no certificate', async () => {
      const certificates = () =>
        cluster.kubectl(['get', 'secret', `${RELEASE}-tls`, '-n', NAMESPACE, '-o', 'jsonpath={.data}']);
      const data = await certificates();
      assert.match(data, /tls\.crt/);
      await cluster.install({ logLevel: 'debug' });
      await waitFor('only new pods', async () =>
        (await logLevels()).every((level) => level === '--log-level=debug'),
      );
      assert.equal((await logLevels()).length, 2);
      await assert.rejects(createPod(cluster, 'writer'), /denied the request/);
      assert.equal(await certificates(), data);
    });

    test('a rollback brings back what was', async () => {
      await cluster.helm('rollback', RELEASE, '1', '--wait', '--timeout=60s');
      await waitFor('only old pods', async () =>
        (await logLevels()).every((level) => level === '--log-level=info'),
      );
      await createPod(cluster, 'reader');
      await assert.rejects(createPod(cluster, 'writer'), /denied the request/);
    });

    test('the documented upgrade restores permissions that somebody changed', async () => {
      const rules = () => cluster.kubectl(['get', 'clusterrole', RELEASE, '-o', 'jsonpath={.rules}']);
      const before = await rules();
      await cluster.kubectl(['patch', 'clusterrole', RELEASE, '--type=merge', '-p', '{"rules":[]}']);
      await cluster.helm(
        ...['upgrade', RELEASE, CHART, '--wait', '--timeout=60s', '--reset-then-reuse-values'],
        ...(helmVersion === 'helm4' ? ['--force-conflicts'] : []),
      );
      assert.equal(await rules(), before);
      await createPod(cluster, 'reader');
    });

    test('uninstall refuses no pod that names a role, where the registration was deleted first', async (t) => {
      await using load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
      await load.untilMore(20);
      await cluster.kubectl(['delete', REGISTRATION, RELEASE]);
      await cluster.helm('uninstall', RELEASE, '--wait', '--timeout=60s');
      await load.untilMore(20);
      const { created, refusals, unanswered } = await load.stop();
      t.diagnostic(`${created} pods created, ${refusals.length} refused`);
      assert.deepEqual({ refusals, unanswered }, { refusals: [], unanswered: [] });
    });

    test('it leaves the CRD with its objects, and nothing else', async () => {
      const left = async (): Promise<readonly string[]> => {
        const objects = await listAllNames(cluster.controlPlane.client);
        return objects.filter((object) => !objectsBefore.includes(object));
      };
      await waitFor(
        'the pods to end',
        async () => !(await left()).some((object) => object.startsWith('v1/pods ')),
      );
      assert.deepEqual(await left(), LEFT);
      await createPod(cluster, 'writer');
    });

    test('installed again it finds the allowlists that stayed', async () => {
      await cluster.helm(
        'install',
        RELEASE,
        CHART,
        '--wait',
        '--timeout=60s',
        '--set',
        'drainDelaySeconds=1',
      );
      await createPod(cluster, 'reader');
      await assert.rejects(createPod(cluster, 'writer'), /Allowed for ServiceAccount "default": reader /);
    });

    test('uninstall alone leaves no Fail webhook behind', async (t) => {
      await using load = startPodLoad(cluster.controlPlane, { namespace: 'payments', role: 'reader' });
      await load.untilMore(20);
      await cluster.helm('uninstall', RELEASE, '--wait', '--timeout=60s');
      await load.untilMore(20);
      const { created, refusals, unanswered } = await load.stop();
      const [first = '', last = ''] = [refusals.at(0), refusals.at(-1)];
      const windowMs = Date.parse(last.split(' ')[0] ?? '') - Date.parse(first.split(' ')[0] ?? '');
      t.diagnostic(
        `${created} pods created, ${refusals.length} refused${first && ` within ${windowMs} ms: ${first}`}`,
      );
      assert.deepEqual(unanswered, []);
      assert.ok(
        refusals.every((refusal) => /failed calling webhook "validate-pods\.eci-ram-role\.io"/.test(refusal)),
      );
      await createPod(cluster, 'writer');
    });
  });
}
