// workloads.action: Deny denies a change that adds a denied role, and nothing else: a workload whose role was revoked can be
// scaled, rolled out, freed of finalizers and deleted. Custom kinds, named in values, only get warnings.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { definition } from './support/custom-kinds.ts';
import { attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, deployment, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { listReplicas } from './support/replicas.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';
import { WORKLOAD_KINDS, workload } from './support/workload.ts';

const CUSTOM_KINDS = [
  { apiGroups: ['apps.kruise.io'], resources: ['clonesets'] },
  { apiGroups: ['argoproj.io'], resources: ['workflows'] },
  { apiGroups: ['sparkoperator.k8s.io'], resources: ['sparkapplications'] },
];
const denied = (role: string, kind: string) =>
  `admission webhook "validate-workloads.eci-ram-role.io" denied the request: pods of this ${kind} would be denied: RAM role "${role}" is not allowed in namespace "payments". Allowed for ServiceAccount "default": batch, reader (allowlists: payments, spark). Contact: #payments`;
const warned = (role: string, kind: string, path?: string) =>
  `RAM role "${role}" is not allowed in namespace "payments", pods of this ${kind} will be denied${path === undefined ? '' : ` (at ${path})`}`;

function cloneSet(name: string, role: string, replicas = 1, metadata: object = {}): object {
  return {
    apiVersion: 'apps.kruise.io/v1alpha1',
    kind: 'CloneSet',
    metadata: { name, namespace: 'payments', ...metadata },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate(role, name) },
  };
}

/** Names a role that ServiceAccount `spark` alone may use. */
function deploymentAs(serviceAccountName: string): object {
  const { metadata, spec } = podTemplate('spark-reader', 'accounts');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'accounts', namespace: 'payments' },
    spec: {
      selector: { matchLabels: { app: 'accounts' } },
      template: { metadata, spec: { ...spec, serviceAccountName } },
    },
  };
}

/** Its driver's ServiceAccount stands beside the template, unless the pods' spec names one. */
function sparkApplication(name: string, role: string, pods: object = {}): object {
  const { metadata, spec } = podTemplate(role, name);
  const template = { metadata, spec: { ...spec, ...pods } };
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name, namespace: 'payments' },
    spec: { type: 'Python', driver: { serviceAccount: 'spark', template } },
  };
}

/** The older way to annotate its pods. */
function sparkParts(name: string, driver: string, executor: string): object {
  const part = (role: string) => ({ annotations: { [ROLE_ANNOTATION]: role } });
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name, namespace: 'payments' },
    spec: { type: 'Python', driver: part(driver), executor: part(executor) },
  };
}

function workflow(name: string, ...roles: readonly string[]): object {
  const templates = roles.map((role, index) => ({
    name: `step-${index}`,
    metadata: { annotations: { [ROLE_ANNOTATION]: role } },
    container: { image: 'centos:7' },
  }));
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace: 'payments' },
    spec: { entrypoint: 'step-0', serviceAccountName: 'argo', templates },
  };
}

suite('workloads.action: Deny', () => {
  let cluster: WebhookCluster;

  const list = (...roles: readonly string[]) =>
    allowlist('payments', { namespaces: ['payments'], roles, contact: '#payments' });
  const kubectl = (...args: readonly string[]) => attempt(cluster, ['-n', 'payments', ...args]);
  const apply = (object: object) => attemptApply(cluster, object);

  before(async () => {
    cluster = await acquireCluster({ workloads: { action: 'Deny', customKinds: CUSTOM_KINDS } });
    await cluster.apply([
      namespace('payments'),
      list('reader', 'batch', 'revoked'),
      allowlist('spark', { namespaces: ['payments'], roles: ['spark-reader'], serviceAccounts: ['spark'] }),
      definition('apps.kruise.io', 'v1alpha1', 'CloneSet'),
      definition('argoproj.io', 'v1alpha1', 'Workflow'),
      definition('sparkoperator.k8s.io', 'v1beta2', 'SparkApplication'),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
    for (const name of ['scaled', 'moved']) {
      assert.deepEqual((await apply(deployment(name, 'payments', 'revoked'))).error, '');
    }
    assert.deepEqual((await apply(cloneSet('scaled', 'revoked'))).error, '');
    assert.deepEqual((await apply(sparkParts('parts', 'reader', 'revoked'))).error, '');

    await cluster.apply([list('reader', 'batch')]);
    for (const { review } of await listReplicas(cluster)) {
      const pod = { metadata: { annotations: { [ROLE_ANNOTATION]: 'revoked' } }, spec: {} };
      await waitFor('the revocation', async () => !(await review('/validate-pods', 'payments', pod)).allowed);
    }
  });

  after(() => cluster?.stop());

  for (const kind of WORKLOAD_KINDS) {
    test(`denies a new ${kind} whose pods would be denied, and kubectl prints the whole message`, async () => {
      const { error, succeeded } = await apply(workload(kind, 'new', 'payments', 'writer'));
      assert.equal(succeeded, false);
      assert.ok(error.endsWith(`: ${denied('writer', kind)}`), error);
    });
  }

  test('denies a change to a role that is not allowed', async () => {
    assert.deepEqual((await apply(deployment('changed', 'payments', 'reader'))).warnings, []);
    for (const args of [
      ['patch', '--type=merge', '-p', patchOfRole('writer')],
      ['patch', '--type=merge', '-p', patchOfRole('revoked')],
    ] as const) {
      const [verb, ...rest] = args;
      assert.match(
        (await kubectl(verb, 'deployment', 'changed', ...rest)).error,
        /validate-workloads\.eci-ram-role\.io" denied the request: pods of this Deployment would be denied/,
      );
    }
    const { error } = await kubectl(
      'patch',
      'deployment',
      'moved',
      '--type=merge',
      '-p',
      patchOfRole('other'),
    );
    assert.ok(error.endsWith(denied('other', 'Deployment')), error);
  });

  test('admits scaling and finalizers of a workload whose role was revoked, without a warning', async () => {
    for (const args of [
      ['scale', 'deployment/scaled', '--replicas=3'],
      ['patch', 'deployment/scaled', '--type=merge', '-p', '{"spec":{"replicas":2}}'],
      ['patch', 'deployment/scaled', '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/x"]}}'],
      ['patch', 'deployment/scaled', '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]'],
      ['label', 'deployment/scaled', 'tier=backend'],
    ]) {
      const { succeeded, error, warnings } = await kubectl(...args);
      assert.deepEqual([succeeded, error, warnings], [true, '', []], args.join(' '));
    }
  });

  test('admits its rollout, with a warning', async () => {
    for (const args of [
      ['set', 'image', 'deployment/scaled', 'test=centos:8'],
      ['rollout', 'restart', 'deployment/scaled'],
    ]) {
      const { succeeded, warnings } = await kubectl(...args);
      assert.deepEqual([succeeded, warnings], [true, [warned('revoked', 'Deployment')]], args.join(' '));
    }
  });

  test('admits an allowed role, and the deletion', async () => {
    const right = await kubectl('patch', 'deployment', 'moved', '--type=merge', '-p', patchOfRole('reader'));
    assert.deepEqual([right.error, right.warnings], ['', []]);
    await kubectl(
      'patch',
      'deployment',
      'scaled',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":["example.com/x"]}}',
    );
    await kubectl('delete', 'deployment', 'scaled', '--wait=false');
    const args = ['--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]'];
    assert.equal((await kubectl('patch', 'deployment', 'scaled', ...args)).error, '');
    assert.equal((await kubectl('get', 'deployment', 'scaled')).succeeded, false);
  });

  test('denies a role for a ServiceAccount that may not use it, and admits it for the one that may', async () => {
    const right = await apply(deploymentAs('spark'));
    assert.deepEqual([right.error, right.warnings], ['', []]);
    const { error } = await apply(deploymentAs('web'));
    assert.match(
      error,
      /"spark-reader" is not allowed in namespace "payments"; it is allowed for ServiceAccount spark\. Allowed for ServiceAccount "web": /,
    );
  });

  suite('a custom kind', () => {
    const PATH = 'spec.template.metadata.annotations';

    test('is admitted with a warning about its pod template', async () => {
      const { error, warnings } = await apply(cloneSet('new', 'writer'));
      assert.deepEqual([error, warnings], ['', [warned('writer', 'CloneSet', PATH)]]);
    });

    test('gets a warning for the ServiceAccount that its template names, and for no other', async () => {
      const elsewhere = await apply(sparkApplication('elsewhere', 'spark-reader'));
      assert.deepEqual([elsewhere.error, elsewhere.warnings], ['', []]);
      const { error, warnings } = await apply(
        sparkApplication('named', 'spark-reader', { serviceAccountName: 'web' }),
      );
      assert.deepEqual([error, warnings.length], ['', 1]);
      assert.match(warnings[0] ?? '', /^RAM role "spark-reader" is not allowed in namespace "payments"/);
    });

    test('gets no warning for an allowed role', async () => {
      const { error, warnings } = await apply(cloneSet('right', 'reader'));
      assert.deepEqual([error, warnings], ['', []]);
    });

    test('is admitted when one of its parts changes to a denied role', async () => {
      const driver = await apply(sparkParts('parts', 'revoked', 'revoked'));
      assert.deepEqual(
        [driver.error, driver.warnings],
        ['', [warned('revoked', 'SparkApplication', 'spec.driver.annotations')]],
      );
      assert.deepEqual((await apply(sparkParts('parts', 'spark-reader', 'revoked'))).warnings, [
        warned('revoked', 'SparkApplication', 'spec.executor.annotations'),
      ]);
    });

    test('gets no warning for a role in the annotations of its claims, which no pod gets', async () => {
      const volumeClaimTemplates = [{ metadata: { annotations: { [ROLE_ANNOTATION]: 'writer' } }, spec: {} }];
      const patch = JSON.stringify({ spec: { volumeClaimTemplates } });
      const { error, warnings } = await kubectl(
        ...['patch', 'cloneset', 'scaled', '--type=merge', '-p', patch],
      );
      assert.deepEqual([error, warnings], ['', []]);
    });

    test('can be scaled and changed in its metadata and status once its role was revoked', async () => {
      for (const patch of [
        { spec: { replicas: 3 } },
        { metadata: { finalizers: ['example.com/x'] } },
        { metadata: { finalizers: null } },
        { status: { template: podTemplate('revoked') } },
      ]) {
        const { error, warnings } = await kubectl(
          ...['patch', 'cloneset', 'scaled', '--type=merge', '-p', JSON.stringify(patch)],
        );
        assert.deepEqual([error, warnings], ['', []], JSON.stringify(patch));
      }
    });

    test('gets a warning for any map that names a role, but not for a value that is still to be filled in', async () => {
      const { error, warnings } = await apply(
        workflow('new', '{{workflow.parameters.role}}', 'reader', 'writer'),
      );
      const path = 'spec.templates[2].metadata.annotations';
      assert.deepEqual([error, warnings], ['', [warned('writer', 'Workflow', path)]]);

      const right = await apply(workflow('right', '{{workflow.parameters.role}}', 'reader'));
      assert.deepEqual([right.error, right.warnings], ['', []]);
    });
  });

  test('admits a denied role with workloads.action: Warn', async () => {
    await cluster.install({ workloads: { action: 'Warn', customKinds: CUSTOM_KINDS } });
    // A replica that is being replaced answers on for a moment.
    const { warnings } = await waitFor('the new action', async () => {
      const outcome = await apply(deployment('warned', 'payments', 'writer'));
      return outcome.succeeded && outcome;
    });
    assert.deepEqual(warnings, [warned('writer', 'Deployment')]);
  });
});

function patchOfRole(role: string): string {
  const metadata = { annotations: { [ROLE_ANNOTATION]: role } };
  return JSON.stringify({ spec: { template: { metadata } } });
}
