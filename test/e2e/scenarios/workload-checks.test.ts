// What `kubectl apply` prints about a workload whose pods will be denied, stripped or given a role: before any pod fails,
// once, and without waiting for a webhook that is down.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../harness/wait-for.ts';
import { type Attempt, attempt, attemptApply } from './support/kubectl-attempt.ts';
import { allowlist, deployment, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { listReplicas, type Replica } from './support/replicas.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { startSilentReplica } from './support/silent-replica.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';
import { WORKLOAD_KINDS, workload } from './support/workload.ts';

const WRONG = (kind: string) =>
  `RAM role "writer" is not allowed in namespace "payments", pods of this ${kind} will be denied`;
/** Nobody waits longer for a check than the webhook's timeout of a second; the rest is kubectl's own. */
const SOON_MS = 3_000;

/** After this time a line is in the log. */
const LOGGED_MS = 500;

suite('checks of workloads', () => {
  let cluster: WebhookCluster;
  let replicas: readonly Replica[];

  before(async () => {
    cluster = await acquireCluster({ mutatingWebhook: { excludedNamespaces: ['unmutated'] } });
    const roles = ['reader'];
    await cluster.apply([
      ...['payments', 'stripping', 'unmutated', 'warning', 'auditing'].map((name) => namespace(name)),
      allowlist('payments', { namespaces: ['payments'], roles, contact: '#payments' }),
      allowlist('stripping', {
        ...{ namespaces: ['stripping'], roles, defaultRole: 'reader', violationAction: 'Strip' },
      }),
      allowlist('unmutated', {
        ...{ namespaces: ['unmutated'], roles, defaultRole: 'reader', violationAction: 'Strip' },
      }),
      allowlist('warning', { namespaces: ['warning'], roles, violationAction: 'Warn' }),
      allowlist('auditing', { namespaces: ['auditing'], roles, violationAction: 'Audit' }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    replicas = await listReplicas(cluster);
  });

  after(() => cluster?.stop());

  const warningsOf = async (object: object): Promise<readonly string[]> => {
    const { succeeded, error, warnings } = await attemptApply(cluster, object);
    assert.ok(succeeded, error);
    return warnings;
  };
  const kubectl = (...args: readonly string[]): Promise<Attempt> =>
    attempt(cluster, ['-n', 'payments', ...args]);

  /** The names of the objects that were checked, once for each request. */
  const checked = (): readonly string[] =>
    replicas
      .flatMap(({ log }) => log())
      .filter((line) => line.includes('"path":"/validate-workloads"'))
      .map((line) => JSON.parse(line).name);

  for (const kind of WORKLOAD_KINDS) {
    const app = `${kind.toLowerCase()}-app`;

    test(`a ${kind} whose pods will be denied: kubectl prints one warning, and the ${kind} is created`, async () => {
      assert.deepEqual(await attemptApply(cluster, workload(kind, app, 'payments', 'writer')), {
        succeeded: true,
        printed: `${kind === 'ReplicationController' ? 'replicationcontroller' : `${kind.toLowerCase()}.${kind.endsWith('Job') ? 'batch' : 'apps'}`}/${app} created`,
        error: '',
        warnings: [WRONG(kind)],
      });
    });

    test(`a ${kind} with an allowed role: nothing`, async () => {
      assert.deepEqual(await warningsOf(workload(kind, `${app}-right`, 'payments', 'reader')), []);
    });
  }

  const outcomes = [
    {
      namespaceName: 'stripping',
      role: 'writer',
      warnings: [
        'RAM role "writer" is not allowed in namespace "stripping", pods of this Deployment will be created with the default role "reader" instead',
      ],
    },
    {
      namespaceName: 'stripping',
      role: undefined,
      warnings: [
        'pods of this Deployment name no RAM role and will get "reader", the default of allowlist "stripping"',
      ],
    },
    {
      namespaceName: 'warning',
      role: 'writer',
      warnings: [
        'RAM role "writer" is not allowed in namespace "warning", pods of this Deployment will be admitted with a warning',
      ],
    },
    {
      namespaceName: 'unmutated',
      role: 'writer',
      warnings: [
        'RAM role "writer" is not allowed in namespace "unmutated", pods of this Deployment will be denied',
      ],
    },
    { namespaceName: 'unmutated', role: undefined, warnings: [] },
    { namespaceName: 'auditing', role: 'writer', warnings: [] },
    { namespaceName: 'payments', role: undefined, warnings: [] },
    { namespaceName: 'kube-system', role: 'writer', warnings: [] },
  ];

  for (const { namespaceName, role, warnings } of outcomes) {
    test(`in namespace ${namespaceName} with role ${role}: ${warnings[0] ?? 'nothing'}`, async () => {
      const object = deployment(`role-${role ?? 'none'}`, namespaceName, role);
      assert.deepEqual(await warningsOf(object), warnings);
    });
  }

  const template = (annotations: object, container: object = {}) => {
    const { metadata, spec } = podTemplate(undefined, 'odd');
    const containers = spec.containers.map((only) => ({ ...only, ...container }));
    return { metadata: { ...metadata, annotations }, spec: { containers } };
  };
  const odd = (annotations: object, pods: object) => ({
    ...deployment('odd', 'payments', undefined),
    metadata: { name: 'odd', namespace: 'payments', annotations },
    spec: { selector: { matchLabels: { app: 'odd' } }, template: pods },
  });
  const oddities = [
    {
      name: "the annotation in the Deployment's own metadata",
      object: odd({ [ROLE_ANNOTATION]: 'reader' }, template({})),
      warning:
        'RAM role "reader" in metadata.annotations of this Deployment has no effect; put the annotation in spec.template.metadata.annotations',
    },
    {
      name: 'its key misspelt',
      object: odd({}, template({ 'k8s.aliyun.com/ECI-ram-rolename': 'reader' })),
      warning:
        'annotation "k8s.aliyun.com/ECI-ram-rolename" in spec.template.metadata.annotations of this Deployment sets no RAM role; did you mean k8s.aliyun.com/eci-ram-role-name?',
    },
    {
      name: 'its key as a label',
      object: odd(
        {},
        (({ metadata, ...rest }) => ({
          ...rest,
          metadata: { ...metadata, labels: { ...metadata.labels, [ROLE_ANNOTATION]: 'reader' } },
        }))(template({})),
      ),
      warning:
        'label "k8s.aliyun.com/eci-ram-role-name" in spec.template.metadata.labels of this Deployment sets no RAM role; set the annotation k8s.aliyun.com/eci-ram-role-name',
    },
    {
      name: 'its key without the prefix, in camel case',
      object: odd({}, template({ eciRamRoleName: 'reader' })),
      warning:
        'annotation "eciRamRoleName" in spec.template.metadata.annotations of this Deployment sets no RAM role; did you mean k8s.aliyun.com/eci-ram-role-name?',
    },
    {
      name: 'RRSA as well',
      object: odd(
        {},
        template(
          { [ROLE_ANNOTATION]: 'reader' },
          { env: [{ name: 'ALIBABA_CLOUD_ROLE_ARN', value: 'acs:ram::1:role/r' }] },
        ),
      ),
      warning:
        'pods of this Deployment name RAM role "reader" and get one by RRSA too (environment variable ALIBABA_CLOUD_ROLE_ARN); remove one of them, or the application chooses',
    },
  ];

  for (const { name, object, warning } of oddities) {
    test(`${name}: ${warning}`, async () => {
      assert.deepEqual(await warningsOf(object), [warning]);
    });
  }

  test('an annotation that is misspelt, put on the Deployment itself, gets a warning', async () => {
    const { warnings } = await kubectl(
      ...['annotate', 'deployment/deployment-app-right', 'k8s.aliyun.com/eci-ram-role-names=writer'],
    );
    assert.deepEqual(warnings, [
      'annotation "k8s.aliyun.com/eci-ram-role-names" in metadata.annotations of this Deployment sets no RAM role; put k8s.aliyun.com/eci-ram-role-name in spec.template.metadata.annotations',
    ]);
  });

  for (const [kind, name] of [
    ['ServiceAccount', 'serviceaccount/default'],
    ['Namespace', 'namespace/payments'],
  ] as const) {
    test(`the annotation on a ${kind} gets a warning, and only when it is new`, async () => {
      const annotate = async (annotation: string) =>
        (await kubectl('annotate', '--overwrite', name, annotation)).warnings;
      assert.deepEqual(await annotate(`${ROLE_ANNOTATION}=reader`), [
        `RAM role "reader" in metadata.annotations of this ${kind} has no effect; put the annotation in metadata.annotations of its pods`,
      ]);
      assert.deepEqual(await annotate('note=yes'), []);
      assert.deepEqual(await annotate(`${ROLE_ANNOTATION}-`), []);
    });
  }

  test('a bare pod gets warnings of a label and of another spelling', async () => {
    const { metadata, spec } = podTemplate(undefined);
    const { warnings } = await attemptApply(cluster, {
      ...{ apiVersion: 'v1', kind: 'Pod', spec },
      metadata: {
        ...{ name: 'hinted', namespace: 'payments', annotations: { ramRoleName: 'reader' } },
        labels: { ...metadata.labels, [ROLE_ANNOTATION]: 'reader' },
      },
    });
    assert.deepEqual(
      warnings.filter((warning) => warning.includes('sets no RAM role')),
      [
        'annotation "ramRoleName" in metadata.annotations of this Pod sets no RAM role; did you mean k8s.aliyun.com/eci-ram-role-name?',
        'label "k8s.aliyun.com/eci-ram-role-name" in metadata.labels of this Pod sets no RAM role; set the annotation k8s.aliyun.com/eci-ram-role-name',
      ],
    );
  });

  test('a ReplicaSet and a Job whose owner was checked are not checked', async () => {
    for (const [kind, app] of [
      ['replicaset', 'deployment-app'],
      ['job', 'cronjob-app'],
    ] as const) {
      if (kind === 'job') {
        await kubectl('create', 'job', 'cronjob-app-1', '--from=cronjob/cronjob-app');
      }
      const child = await waitFor(`the ${kind} of ${app}`, async () => {
        const { printed } = await kubectl('get', kind, '-o', 'name');
        return printed.split('\n').find((name) => name.includes(`/${app}-`) && !name.endsWith('-right'));
      });
      assert.ok(!checked().includes(child.slice(child.indexOf('/') + 1)), child);
    }
    assert.equal(checked().filter((name) => name === 'deployment-app').length, 1);
  });

  test('nothing but a change of the pods is checked', async () => {
    const name = 'deployment/deployment-app';
    await sleep(LOGGED_MS);
    const before = checked().length;
    for (const args of [
      ['scale', name, '--replicas=2'],
      ['annotate', name, 'note=yes'],
      ['patch', name, '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/x"]}}'],
      ['delete', name, '--wait=false'],
      ['patch', name, '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]'],
    ]) {
      const { error, warnings } = await kubectl(...args);
      assert.deepEqual([error, warnings], ['', []]);
    }
    await sleep(LOGGED_MS);
    assert.equal(checked().length, before);
  });

  const annotated = { metadata: { annotations: { [ROLE_ANNOTATION]: 'writer' } } };
  const named = { template: annotated };
  const changes = [
    { kind: 'StatefulSet', change: { spec: named } },
    { kind: 'DaemonSet', change: { spec: named } },
    { kind: 'ReplicaSet', change: { spec: named } },
    { kind: 'ReplicationController', change: { spec: named } },
    { kind: 'CronJob', change: { spec: { jobTemplate: { spec: named } } } },
  ];
  for (const { kind, change } of changes) {
    test(`a changed pod template of a ${kind} is checked`, async () => {
      const name = `${kind.toLowerCase()}-app-right`;
      const { error, warnings } = await kubectl(
        ...['patch', kind, name, '--type=merge', '-p', JSON.stringify(change)],
      );
      assert.deepEqual([error, warnings], ['', [WRONG(kind)]]);
    });
  }

  const misplaced = [
    { kind: 'Deployment' as const, change: annotated, path: 'metadata.annotations' },
    {
      kind: 'CronJob' as const,
      change: { spec: { jobTemplate: annotated } },
      path: 'spec.jobTemplate.metadata.annotations',
    },
  ];
  for (const { kind, change, path } of misplaced) {
    test(`the annotation in ${path} of a ${kind} that exists is checked`, async () => {
      const name = `${kind.toLowerCase()}-late`;
      assert.deepEqual(await warningsOf(workload(kind, name, 'payments', 'reader')), []);
      const { warnings } = await kubectl(
        ...['patch', kind, name, '--type=merge', '-p', JSON.stringify(change)],
      );
      assert.equal(warnings.length, 1);
      assert.ok(warnings[0]?.startsWith(`RAM role "writer" in ${path} of this ${kind} has no effect;`));
    });
  }

  test('a dry run shows the same', async () => {
    const args = ['apply', '--dry-run=server', '-f', '-'];
    const { warnings } = await attempt(cluster, args, [deployment('dry', 'payments', 'writer')]);
    assert.deepEqual(warnings, [WRONG('Deployment')]);
  });

  test('no workload waits for a webhook that is down', async () => {
    await cluster.kubectl(['scale', `deployment/${RELEASE}`, '-n', NAMESPACE, '--replicas=0']);
    await waitFor(
      'no pod of the webhook',
      async () => (await cluster.kubectl(['get', 'pods', '-n', NAMESPACE])) === '',
    );
    for (const kind of WORKLOAD_KINDS) {
      await passesSoon(kind, workload(kind, `${kind.toLowerCase()}-down`, 'payments', 'writer'));
    }
  });

  test('no workload waits longer than a second for a webhook that never answers', async () => {
    await startSilentReplica(cluster);
    const elapsedMs = await passesSoon('Deployment', workload('Deployment', 'silent', 'payments', 'writer'));
    assert.ok(elapsedMs >= 1_000, `the API server did not wait: ${elapsedMs} ms`);
  });

  /** The milliseconds that `kubectl apply` takes of an object without a warning. */
  async function passesSoon(kind: string, object: object): Promise<number> {
    const startedAt = performance.now();
    assert.deepEqual(await warningsOf(object), []);
    const elapsedMs = performance.now() - startedAt;
    assert.ok(elapsedMs < SOON_MS, `${kind}: ${elapsedMs} ms`);
    return elapsedMs;
  }
});
