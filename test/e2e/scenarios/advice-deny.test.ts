// workloads.action: Deny refuses what a change itself made wrong, and nothing else: a workload whose role was revoked can be
// scaled, rolled out, freed of finalizers and deleted. And kinds that are not Kubernetes' own, named in values.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, deployment, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { listReplicas } from './support/replicas.ts';
import { startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { WORKLOAD_KINDS, workload } from './support/workload.ts';

const CUSTOM_KINDS = [
  { apiGroups: ['apps.kruise.io'], resources: ['clonesets'] },
  { apiGroups: ['argoproj.io'], resources: ['workflows'] },
  { apiGroups: ['sparkoperator.k8s.io'], resources: ['sparkapplications'] },
];
const AS_DEFAULT = ' for ServiceAccount "default"';
const denied = (webhook: string, role: string, pods: string, forAccount = '') =>
  `admission webhook "${webhook}.eci-ram-role.io" denied the request: pods of this ${pods} would be refused: RAM role "${role}" is not allowed${forAccount} in namespace "payments": no allowlist allows it to this pod; allowlists consulted: payments, spark; roles allowed there: ${forAccount === '' ? 'batch, reader, spark-reader' : 'batch, reader'}; ask: #payments`;
const told = (role: string, pods: string) =>
  `RAM role "${role}" is not allowed in namespace "payments", pods of this ${pods} will be refused: no allowlist allows it to them`;

/** A definition that takes any object. */
function definition(group: string, version: string, kind: string): object {
  const singular = kind.toLowerCase();
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${singular}s.${group}`,
      // Asked for in groups under k8s.io.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      ...{ group, scope: 'Namespaced', names: { kind, singular, plural: `${singular}s` } },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

function cloneSet(name: string, role: string, replicas = 1, metadata: object = {}): object {
  return {
    apiVersion: 'apps.kruise.io/v1alpha1',
    kind: 'CloneSet',
    metadata: { name, namespace: 'payments', ...metadata },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate(role, name) },
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
    cluster = await startWebhookCluster({ workloads: { action: 'Deny', customKinds: CUSTOM_KINDS } });
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
    test(`refuses a new ${kind} whose pods would be refused, and kubectl prints all that helps`, async () => {
      const { error, succeeded } = await apply(workload(kind, 'new', 'payments', 'writer'));
      assert.equal(succeeded, false);
      assert.ok(error.endsWith(`: ${denied('advise', 'writer', kind, AS_DEFAULT)}`), error);
    });
  }

  test('refuses to change a workload to a role that is not allowed', async () => {
    assert.deepEqual((await apply(deployment('changed', 'payments', 'reader'))).warnings, []);
    for (const args of [
      ['patch', '--type=merge', '-p', patchOfRole('writer')],
      ['patch', '--type=merge', '-p', patchOfRole('revoked')],
    ] as const) {
      const [verb, ...rest] = args;
      assert.match(
        (await kubectl(verb, 'deployment', 'changed', ...rest)).error,
        /validate-workloads\.eci-ram-role\.io" denied the request: pods of this Deployment would be refused/,
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
    assert.ok(error.endsWith(denied('advise', 'other', 'Deployment', AS_DEFAULT)), error);
  });

  test('lets a workload whose role was revoked be scaled, and its finalizers go, without a word', async () => {
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

  test('lets it be rolled out, with a warning', async () => {
    for (const args of [
      ['set', 'image', 'deployment/scaled', 'test=centos:8'],
      ['rollout', 'restart', 'deployment/scaled'],
    ]) {
      const { succeeded, warnings } = await kubectl(...args);
      assert.deepEqual([succeeded, warnings], [true, [told('revoked', 'Deployment')]], args.join(' '));
    }
  });

  test('lets it be set right, and deleted', async () => {
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

  suite('a kind that is named in values', () => {
    const PLACE = 'spec.template.metadata.annotations';

    test('is refused by its pod template', async () => {
      const { error } = await apply(cloneSet('new', 'writer'));
      assert.ok(error.endsWith(denied('advise-custom', 'writer', `CloneSet (${PLACE})`)), error);
    });

    test('is refused for the ServiceAccount that its template names, and for no other', async () => {
      const elsewhere = await apply(sparkApplication('elsewhere', 'spark-reader'));
      assert.deepEqual([elsewhere.error, elsewhere.warnings], ['', []]);
      const { error } = await apply(sparkApplication('named', 'spark-reader', { serviceAccountName: 'web' }));
      assert.match(
        error,
        /"spark-reader" is not allowed for ServiceAccount "web" in .*; hint: it is allowed to pods that run as spark;/,
      );
    });

    test('passes with an allowed role', async () => {
      const { error, warnings } = await apply(cloneSet('right', 'reader'));
      assert.deepEqual([error, warnings], ['', []]);
    });

    test('is refused by the part that changed, where another was wrong already', async () => {
      const { error } = await apply(sparkParts('parts', 'revoked', 'revoked'));
      const place = 'SparkApplication (spec.driver.annotations)';
      assert.ok(error.endsWith(denied('advise-custom', 'revoked', place)), error);
      assert.deepEqual((await apply(sparkParts('parts', 'spark-reader', 'revoked'))).warnings, [
        told('revoked', 'SparkApplication (spec.executor.annotations)'),
      ]);
    });

    test('passes with a role in the annotations of its claims, which no pod gets', async () => {
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

    test('is refused by any map that names a role; what is still to be filled in is not judged', async () => {
      const { error } = await apply(workflow('new', '{{workflow.parameters.role}}', 'reader', 'writer'));
      const place = 'Workflow (spec.templates[2].metadata.annotations)';
      assert.ok(error.endsWith(denied('advise-custom', 'writer', place)), error);

      const right = await apply(workflow('right', '{{workflow.parameters.role}}', 'reader'));
      assert.deepEqual([right.error, right.warnings], ['', []]);
    });
  });

  test('is told in one line with workloads.action: Warn', async () => {
    await cluster.install({ workloads: { action: 'Warn', customKinds: CUSTOM_KINDS } });
    // A replica that is being replaced answers on for a moment.
    const { warnings } = await waitFor('the new action', async () => {
      const outcome = await apply(workflow('warned', 'writer'));
      return outcome.succeeded && outcome;
    });
    assert.deepEqual(warnings, [told('writer', 'Workflow (spec.templates[0].metadata.annotations)')]);
  });
});

function patchOfRole(role: string): string {
  const metadata = { annotations: { [ROLE_ANNOTATION]: role } };
  return JSON.stringify({ spec: { template: { metadata } } });
}
