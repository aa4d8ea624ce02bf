// However a pod comes to be, the same rules hold: an allowed role is kept, another is refused, and a pod without one
// gets the default of its namespace.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { roleOf, roleOfApp } from './support/pods.ts';
import { startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';
import { WORKLOAD_KINDS } from './support/workloads.ts';

const NAMESPACE = 'payments';
const ALLOWED = 'payments-writer';
const DEFAULT = 'payments-reader';
const REFUSED = 'web-reader';
const DENIAL =
  'admission webhook "mutate.eci-ram-role.io" denied the request: RAM role "web-reader" is not allowed for ServiceAccount "default" in namespace "payments": no allowlist allows it to this pod; allowlists consulted: payments; roles allowed there: payments-reader, payments-writer; ask: #platform-payments';

/** The role that a template names, and what a pod of it then has. */
const ALLOWED_AND_DEFAULT = [
  { named: ALLOWED, outcome: ALLOWED, as: 'allowed' },
  { named: undefined, outcome: DEFAULT, as: 'without' },
];

suite('every way to create a pod', () => {
  let cluster: WebhookCluster;
  const appOf = (kind: string, as: string) => `${kind.toLowerCase()}-${as}`;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.apply([
      namespace(NAMESPACE),
      allowlist('payments', {
        namespaces: [NAMESPACE],
        roles: [DEFAULT, ALLOWED],
        defaultRole: DEFAULT,
        contact: '#platform-payments',
      }),
    ]);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', '--all', '--timeout=30s']);
    const cases = [...ALLOWED_AND_DEFAULT, { named: REFUSED, as: 'refused' }];
    await cluster.apply(
      WORKLOAD_KINDS.flatMap(({ kind, toObject }) =>
        cases.map(({ named, as }) => toObject(appOf(kind, as), NAMESPACE, named)),
      ),
    );
    for (const { as } of cases) {
      await makeDue(appOf('CronJob', as));
    }
  });

  after(() => cluster?.stop());

  /** A schedule that was missed is made up for at once; else it would take up to a minute. */
  async function makeDue(cronJob: string): Promise<void> {
    const lastScheduleTime = new Date(Date.now() - 90_000).toISOString().replace(/\.\d+/, '');
    await cluster.kubectl([
      ...['patch', 'cronjob', cronJob, '-n', NAMESPACE, '--subresource=status', '--type=merge'],
      ...['-p', JSON.stringify({ status: { lastScheduleTime } })],
    ]);
  }

  /** What `kubectl describe` shows below a workload whose pods cannot be created. */
  async function failureOf(app: string): Promise<string> {
    const path =
      'jsonpath={range .items[?(@.reason=="FailedCreate")]}{.involvedObject.name}{"\\t"}{.message}{"\\n"}{end}';
    return waitFor(`an event about ${app}`, async () => {
      const lines = (await cluster.kubectl(['get', 'events', '-n', NAMESPACE, '-o', path])).split('\n');
      const line = lines.find((line) => line.startsWith(`${app}\t`) || line.startsWith(`${app}-`));
      return line?.slice(line.indexOf('\t') + 1);
    });
  }

  for (const { kind } of WORKLOAD_KINDS) {
    for (const { as, outcome } of ALLOWED_AND_DEFAULT) {
      test(`a ${kind}, ${as} role: its pod has ${outcome}`, async () => {
        assert.equal(await roleOfApp(cluster, NAMESPACE, appOf(kind, as)), outcome);
      });
    }

    test(`a ${kind} with a role that is not allowed gets no pod, and an event tells why`, async () => {
      const event = await failureOf(appOf(kind, 'refused'));
      assert.ok(event.endsWith(DENIAL), event);
      assert.equal(
        await cluster.kubectl([
          'get',
          'pods',
          '-n',
          NAMESPACE,
          '-l',
          `app=${appOf(kind, 'refused')}`,
          '-o',
          'name',
        ]),
        '',
      );
    });
  }

  for (const kind of ['deployment', 'replicaset', 'replicationcontroller']) {
    test(`a ${kind} that is refused says so in its conditions too`, async () => {
      const path = 'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}';
      const message = await waitFor(
        'the condition',
        async () =>
          (await cluster.kubectl(['get', kind, `${kind}-refused`, '-n', NAMESPACE, '-o', path])) || undefined,
      );
      assert.ok(message.endsWith(DENIAL), message);
    });
  }

  test('kubectl create job --from=cronjob is refused like the schedule', async () => {
    await cluster.kubectl(['create', 'job', 'by-hand', '--from=cronjob/cronjob-refused', '-n', NAMESPACE]);
    assert.ok((await failureOf('by-hand')).endsWith(DENIAL));
  });

  // Pods that no controller makes: kubectl itself shows what became of them.

  type Change = Readonly<{
    metadata?: object;
    annotations?: Readonly<Record<string, string>>;
    spec?: object;
  }>;

  function barePod(name: string, role: string | undefined, { metadata, annotations, spec }: Change = {}) {
    const template = podTemplate(role);
    return {
      ...{ apiVersion: 'v1', kind: 'Pod' },
      metadata: {
        ...{ ...template.metadata, name, namespace: NAMESPACE, ...metadata },
        annotations: { ...template.metadata.annotations, ...annotations },
      },
      spec: { ...template.spec, ...spec },
    };
  }

  const ROLE_OUTPUT = ['-o', `jsonpath={.metadata.annotations.${ROLE_ANNOTATION.replaceAll('.', '\\.')}}`];

  const byHand: readonly (Readonly<{ way: string; args: readonly string[] }> & Change)[] = [
    { way: 'kubectl apply', args: ['apply', '-f', '-'] },
    { way: 'kubectl create', args: ['create', '-f', '-'] },
    { way: 'server-side apply', args: ['apply', '--server-side', '-f', '-'] },
    { way: 'a dry run on the server', args: ['apply', '--dry-run=server', '-f', '-'] },
    {
      way: 'a generated name',
      args: ['create', '-f', '-'],
      metadata: { name: undefined, generateName: 'generated-' },
    },
    {
      way: 'scheduling gates',
      args: ['apply', '-f', '-'],
      spec: { schedulingGates: [{ name: 'example.com/quota' }] },
    },
    { way: 'a node of its own choice', args: ['apply', '-f', '-'], spec: { nodeName: 'node-1' } },
  ];

  for (const [index, { way, args, ...change }] of byHand.entries()) {
    for (const { as, named, outcome } of ALLOWED_AND_DEFAULT) {
      test(`${way}, ${as} role: the pod has ${outcome}`, async () => {
        const { printed, error } = await attempt(
          cluster,
          [...args, ...ROLE_OUTPUT],
          [barePod(`by-hand-${index}-${as}`, named, change)],
        );
        assert.deepEqual([printed, error], [outcome, '']);
      });
    }

    test(`${way}, a role that is not allowed: kubectl prints the refusal`, async () => {
      const { succeeded, error } = await attempt(cluster, args, [
        barePod(`by-hand-${index}-refused`, REFUSED, change),
      ]);
      assert.equal(succeeded, false);
      assert.match(
        error,
        /^Error from server \(Forbidden\): (?:error when creating "STDIN": )?admission webhook/,
      );
      assert.ok(error.endsWith(DENIAL), error);
    });
  }

  test('a dry run leaves nothing behind', async () => {
    const names = await cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-o', 'name']);
    assert.ok(!names.includes('by-hand-3-'), names);
  });

  function run(name: string, ...flags: readonly string[]) {
    const label = '--labels=alibabacloud.com/eci=true';
    return attempt(cluster, ['run', name, '-n', NAMESPACE, '--image=centos:7', label, ...flags]);
  }

  test('kubectl run gives the pod the role that --annotations names, or the default', async () => {
    assert.equal((await run('run-allowed', `--annotations=${ROLE_ANNOTATION}=${ALLOWED}`)).error, '');
    assert.equal((await run('run-without')).error, '');
    assert.equal(await roleOf(cluster, NAMESPACE, 'run-allowed'), ALLOWED);
    assert.equal(await roleOf(cluster, NAMESPACE, 'run-without'), DEFAULT);
  });

  test('kubectl run prints the refusal', async () => {
    const { error } = await run('run-refused', `--annotations=${ROLE_ANNOTATION}=${REFUSED}`);
    assert.equal(error, `Error from server (Forbidden): ${DENIAL}`);
  });

  test('a pod for an ordinary node gets no default, and may name no other role either', async () => {
    const labels = { labels: { app: 'ordinary' } };
    assert.equal(
      (await attempt(cluster, ['apply', '-f', '-'], [barePod('ordinary', undefined, { metadata: labels })]))
        .error,
      '',
    );
    assert.equal(await roleOf(cluster, NAMESPACE, 'ordinary'), undefined);
    const { error } = await attempt(
      cluster,
      ['apply', '-f', '-'],
      [barePod('ordinary-refused', REFUSED, { metadata: labels })],
    );
    assert.ok(error.endsWith(DENIAL), error);
  });

  test('a mirror pod is left alone, unless it names a role', async () => {
    const mirror: Change = {
      annotations: { 'kubernetes.io/config.mirror': 'a-hash' },
      spec: { nodeName: 'node-1', automountServiceAccountToken: false },
    };
    const created = await attempt(
      cluster,
      ['create', '-f', '-', ...ROLE_OUTPUT],
      [barePod('mirror', undefined, mirror)],
    );
    assert.deepEqual([created.printed, created.error], ['', '']);
    const { error } = await attempt(
      cluster,
      ['create', '-f', '-'],
      [barePod('mirror-refused', REFUSED, mirror)],
    );
    assert.ok(error.endsWith(DENIAL), error);
  });
});
