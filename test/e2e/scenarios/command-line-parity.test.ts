// What `eci-ram-role check` says of manifests, and what the API server answers when they are applied: the same denials and the
// same warnings for every kind of workload, and for pods the same role. Both read allowlists and Namespaces of the cluster.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { stringify } from 'yaml';
import { findTools } from '../harness/find-tools.ts';
import { runCommand } from '../harness/run-command.ts';
import { definition } from './support/custom-kinds.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';
import { WORKLOAD_KINDS, workload } from './support/workload.ts';

const BUNDLE = join(import.meta.dirname, '../../../dist/eci-ram-role-webhook.cjs');

/** The custom kinds of docs/workload-checks.md, and how each describes its pods. */
const CUSTOM_KINDS = [
  {
    group: 'apps.kruise.io',
    version: 'v1alpha1',
    kind: 'CloneSet',
    toSpec: (template: object) => ({ template }),
  },
  {
    group: 'apps.kruise.io',
    version: 'v1beta1',
    kind: 'StatefulSet',
    toSpec: (template: object) => ({ template }),
  },
  {
    group: 'apps.kruise.io',
    version: 'v1alpha1',
    kind: 'DaemonSet',
    toSpec: (template: object) => ({ template }),
  },
  { group: 'argoproj.io', version: 'v1alpha1', kind: 'Workflow', toSpec: toSteps },
  { group: 'argoproj.io', version: 'v1alpha1', kind: 'WorkflowTemplate', toSpec: toSteps },
  {
    group: 'argoproj.io',
    version: 'v1alpha1',
    kind: 'CronWorkflow',
    toSpec: (template: object) => ({ workflowSpec: toSteps(template) }),
  },
  {
    group: 'autoscaling.alibabacloud.com',
    version: 'v1beta1',
    kind: 'ElasticWorkload',
    toSpec: (template: object) => ({ template }),
  },
  {
    group: 'batch.volcano.sh',
    version: 'v1alpha1',
    kind: 'Job',
    toSpec: (template: object) => ({ tasks: [{ template }] }),
  },
  { group: 'ray.io', version: 'v1', kind: 'RayCluster', toSpec: toHead },
  {
    group: 'ray.io',
    version: 'v1',
    kind: 'RayJob',
    toSpec: (template: object) => ({ rayClusterSpec: toHead(template) }),
  },
  {
    group: 'ray.io',
    version: 'v1',
    kind: 'RayService',
    toSpec: (template: object) => ({ rayClusterConfig: toHead(template) }),
  },
  {
    group: 'serving.knative.dev',
    version: 'v1',
    kind: 'Service',
    toSpec: (template: object) => ({ template }),
  },
  { group: 'sparkoperator.k8s.io', version: 'v1beta2', kind: 'SparkApplication', toSpec: toDriver },
  {
    group: 'sparkoperator.k8s.io',
    version: 'v1beta2',
    kind: 'ScheduledSparkApplication',
    toSpec: (template: object) => ({ template: toDriver(template) }),
  },
] as const;

function toSteps(template: object) {
  const { metadata } = Object(template);
  return { templates: [{ name: 'a', metadata, container: { image: 'centos:7' } }] };
}

function toHead(template: object) {
  return { headGroupSpec: { template } };
}

function toDriver(template: object) {
  const { metadata } = Object(template);
  return { driver: { annotations: metadata.annotations ?? {} } };
}

/** The rules that decide pods: by namespace, role and ServiceAccount. */
const PODS = [
  { namespaceName: 'payments', role: 'reader' },
  { namespaceName: 'payments', role: 'raeder' },
  { namespaceName: 'payments', role: undefined },
  { namespaceName: 'payments', role: 'exporter' },
  { namespaceName: 'payments', role: 'exporter', spec: { serviceAccountName: 'batch' } },
  { namespaceName: 'payments', role: 'exporter', spec: { serviceAccount: 'batch' } },
  { namespaceName: 'payments', role: 'acs:ram::1:role/reader' },
  { namespaceName: 'payments', role: 'KubernetesMasterRole-1' },
  { namespaceName: 'payments', role: 'incident' },
  { namespaceName: 'stripping', role: 'admin' },
  { namespaceName: 'warning', role: 'admin' },
  { namespaceName: 'auditing', role: 'admin' },
  { namespaceName: 'labelled', role: 'reader' },
  { namespaceName: 'unlisted', role: 'reader' },
  { namespaceName: 'unmutated', role: 'admin' },
  { namespaceName: 'unmutated', role: undefined },
  { namespaceName: 'kube-system', role: 'admin' },
  {
    namespaceName: 'payments',
    role: undefined,
    annotations: { 'k8s.aliyun.com/eci-ram-rolename': 'reader' },
  },
] as const;

/** Of the pods above, those that differ for a custom kind, which is never denied and gets no default role. */
const CUSTOM_PODS = PODS.filter(
  ({ namespaceName, role }, index) =>
    index < 3 || !['payments', 'unmutated'].includes(namespaceName) || role === 'exporter',
);

const ALLOWLISTS = [
  allowlist('payments', {
    namespaces: ['payments'],
    roles: ['reader'],
    defaultRole: 'reader',
    contact: '#payments',
  }),
  allowlist('batch', { namespaces: ['payments'], roles: ['exporter'], serviceAccounts: ['batch'] }),
  allowlist('incident', {
    namespaces: ['payments'],
    roles: ['incident'],
    reason: 'r',
    expiresAt: '2099-01-01T00:00:00Z',
  }),
  allowlist('stripping', {
    namespaces: ['stripping'],
    roles: ['reader'],
    defaultRole: 'reader',
    violationAction: 'Strip',
  }),
  allowlist('unmutated', {
    namespaces: ['unmutated'],
    roles: ['reader'],
    defaultRole: 'reader',
    violationAction: 'Strip',
  }),
  allowlist('warning', { namespaces: ['warning'], roles: ['reader'], violationAction: 'Warn' }),
  allowlist('auditing', { namespaces: ['auditing'], roles: ['reader'], violationAction: 'Audit' }),
  allowlist('labelled', { namespaceSelector: { matchLabels: { team: 'a' } }, roles: ['reader'] }),
];

type Manifest = Readonly<{ kind: string; metadata: Readonly<{ name: string; namespace: string }> }>;

type Finding = Readonly<{ level: 'denied' | 'warning'; message: string }>;
type Checked = Readonly<{ outcome: string; roles: readonly string[]; findings: readonly Finding[] }>;

suite('check and the API server', () => {
  let cluster: WebhookCluster;
  let directory: string;
  let files: readonly string[];
  let path: string;

  before(async () => {
    const customKinds = CUSTOM_KINDS.map(({ group, kind }) => ({
      apiGroups: [group],
      resources: [`${kind.toLowerCase()}s`],
    }));
    cluster = await acquireCluster({
      workloads: { action: 'Deny', customKinds },
      mutatingWebhook: { excludedNamespaces: ['kube-system', 'unmutated'] },
    });
    const names = ['payments', 'stripping', 'warning', 'auditing', 'unlisted', 'unmutated'];
    await cluster.apply([
      ...names.map((name) => namespace(name)),
      namespace('labelled', { team: 'a' }),
      ...ALLOWLISTS,
      ...CUSTOM_KINDS.map(({ group, version, kind }) => definition(group, version, kind)),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'batch', namespace: 'payments' } },
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);

    directory = join(cluster.controlPlane.directory, 'parity');
    mkdirSync(join(directory, 'bin'), { recursive: true });
    symlinkSync(BUNDLE, join(directory, 'bin/kubectl-eci_ram_role'));
    path = [join(directory, 'bin'), process.env['PATH']].join(delimiter);
    const lists = join(directory, 'allowlists.yaml');
    const namespaces = join(directory, 'namespaces.json');
    writeFileSync(lists, await cluster.kubectl(['get', 'ramroleallowlists', '-o', 'yaml']));
    writeFileSync(namespaces, await cluster.kubectl(['get', 'namespaces', '-o', 'json']));
    files = [
      '--allowlists',
      lists,
      '--namespaces',
      namespaces,
      '--unmutated-namespaces=kube-system,unmutated',
    ];
  });

  after(() => cluster?.stop());

  /** Runs the command as a plugin of kubectl, on manifests as a chart prints them. */
  async function check(manifests: readonly Manifest[]): Promise<readonly Checked[]> {
    const file = join(directory, 'manifests.yaml');
    writeFileSync(file, manifests.map((manifest) => stringify(manifest)).join('---\n'));
    const argv = ['eci-ram-role', 'check', '-f', file, ...files, '-o', 'json'];
    const { stdout, stderr, code } = await runCommand(findTools().kubectl, argv, { env: { PATH: path } });
    assert.ok(code === 0 || code === 1, stderr);
    const { objects } = JSON.parse(stdout);
    return objects.filter(({ file: of }: { file: string }) => of === file);
  }

  const messagesOf = ({ findings }: Checked, level: Finding['level']) =>
    findings.filter((finding) => finding.level === level).map(({ message }) => message);

  const dryRun = (manifest: Manifest) =>
    attempt(cluster, ['create', '--dry-run=server', '-o', 'json', '-f', '-'], [manifest]);

  const nameOf = (index: number) => `pod-${index}`;
  const templateOf = ({ role, ...rest }: (typeof PODS)[number]) => {
    const { metadata, spec } = podTemplate(role);
    const annotations = { ...Object(metadata).annotations, ...('annotations' in rest && rest.annotations) };
    return { metadata: { ...metadata, annotations }, spec: { ...spec, ...('spec' in rest && rest.spec) } };
  };

  test('agree on every pod: whether it is denied, with which message and warnings, and its role', async () => {
    const pods = PODS.map((pod, index) => {
      const { metadata, spec } = templateOf(pod);
      const named = { ...metadata, name: nameOf(index), namespace: pod.namespaceName };
      return { apiVersion: 'v1', kind: 'Pod', metadata: named, spec };
    });
    const checked = await check(pods);
    assert.equal(checked.length, pods.length);
    for (const [index, pod] of pods.entries()) {
      const { succeeded, printed, error, warnings } = await dryRun(pod);
      const found = checked[index];
      assert.ok(found !== undefined);
      const shown = `${JSON.stringify(PODS[index])}: ${error}`;
      assert.equal(found.outcome !== 'deny', succeeded, shown);
      assert.deepEqual(messagesOf(found, 'warning').map(withoutTime), warnings.map(withoutTime), shown);
      if (succeeded) {
        const role = JSON.parse(printed).metadata.annotations?.[ROLE_ANNOTATION];
        assert.deepEqual(found.roles, role === undefined ? [] : [role], shown);
      } else {
        assert.ok(error.endsWith(`denied the request: ${messagesOf(found, 'denied')[0]}`), shown);
      }
    }
    const outcomes = new Set(checked.map(({ outcome }) => outcome));
    assert.deepEqual([...outcomes].sort(), ['allow', 'audit', 'deny', 'inject', 'strip', 'warn']);
  });

  for (const kind of WORKLOAD_KINDS) {
    test(`agree on a ${kind}: its denial or its warnings, and the fate of its pods`, async () => {
      const workloads = PODS.map((pod, index) =>
        withTemplate(kind, nameOf(index), pod.namespaceName, templateOf(pod)),
      );
      const checked = await check(workloads);
      assert.equal(checked.length, workloads.length);
      for (const [index, manifest] of workloads.entries()) {
        const { succeeded, error, warnings } = await dryRun(manifest);
        const found = checked[index];
        assert.ok(found !== undefined);
        const shown = `${JSON.stringify(PODS[index])}: ${error}`;
        assert.equal(found.outcome !== 'deny', succeeded, shown);
        assert.deepEqual(messagesOf(found, 'warning').map(withoutTime), warnings.map(withoutTime), shown);
        if (!succeeded) {
          assert.ok(error.endsWith(`denied the request: ${messagesOf(found, 'denied')[0]}`), shown);
        }
      }
    });
  }

  for (const { group, version, kind, toSpec } of CUSTOM_KINDS) {
    test(`agree on the warnings for a ${kind} of ${group}`, async () => {
      const manifests = CUSTOM_PODS.map((pod, index) => ({
        apiVersion: `${group}/${version}`,
        kind,
        metadata: { name: nameOf(index), namespace: pod.namespaceName },
        spec: toSpec(templateOf(pod)),
      }));
      const answers: (readonly string[])[] = [];
      for (const manifest of manifests) {
        const { succeeded, error, warnings } = await dryRun(manifest);
        assert.ok(succeeded, error);
        answers.push(warnings);
      }
      // One that names no role is skipped, and has no warning.
      const withRole = manifests.map(
        (_, index) => 'annotations' in Object(CUSTOM_PODS[index]) || CUSTOM_PODS[index]?.role !== undefined,
      );
      const checked = await check(manifests);
      assert.equal(checked.length, withRole.filter(Boolean).length);
      let next = 0;
      for (const [index, warnings] of answers.entries()) {
        const found = withRole[index] ? checked[next++] : undefined;
        const messages = (found?.findings ?? []).map(({ message }) => message);
        assert.deepEqual(messages, warnings, JSON.stringify(CUSTOM_PODS[index]));
        assert.equal(
          found?.outcome === 'deny',
          warnings.some((text) => text.includes('will be denied')),
        );
      }
    });
  }

  test('agree on what is wrong with an allowlist', async () => {
    const lists = [
      allowlist('wide', { namespaces: ['*'], roles: ['*'], violationAction: 'Warn' }),
      allowlist('payments', { namespaces: ['payments'], roles: ['Kubernetes*'], contact: '#payments' }),
    ];
    for (const list of lists) {
      const file = join(directory, 'list.yaml');
      writeFileSync(file, stringify(list));
      const argv = [BUNDLE, 'check', '-f', file, '-o', 'json'];
      const { stdout, stderr } = await runCommand(process.execPath, argv);
      assert.ok(stdout !== '', stderr);
      const [{ findings }] = JSON.parse(stdout).objects;
      const { warnings } = await attempt(cluster, ['apply', '--dry-run=server', '-f', '-'], [list]);
      assert.deepEqual(
        findings.map(({ message }: Finding) => message),
        warnings,
      );
    }
  });
});

/** The time that is left differs from second to second. */
function withoutTime(text: string): string {
  return text.replace(/another [^,]+, until/, 'another …, until');
}

/** A workload with this template. */
function withTemplate(
  kind: (typeof WORKLOAD_KINDS)[number],
  name: string,
  namespaceName: string,
  { metadata, spec }: ReturnType<typeof podTemplate>,
): Manifest {
  const whole = Object(structuredClone(workload(kind, name, namespaceName, undefined)));
  const holder = kind === 'CronJob' ? whole.spec.jobTemplate.spec : whole.spec;
  holder.template = {
    metadata: { ...metadata, labels: { ...holder.template.metadata.labels, ...metadata.labels, app: name } },
    spec: { ...holder.template.spec, ...spec },
  };
  return whole;
}
