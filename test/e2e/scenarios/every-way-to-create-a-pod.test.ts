// However a pod comes to be, the same rules hold: an allowed role is kept, another is refused, and a pod without one gets the
// default of its namespace. While the webhook is down every role is refused, and pods without one start without a default.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '../harness/wait-for.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { roleOf, roleOfApp } from './support/pods.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import type { WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook, unreachable } from './support/webhook-outage.ts';
import { type WorkloadKind, workload } from './support/workload.ts';

const NAMESPACE = 'payments';
const ALLOWED = 'payments-writer';
const DEFAULT = 'payments-reader';
const REFUSED = 'web-reader';
const DENIAL =
  'admission webhook "mutate-pods.eci-ram-role.io" denied the request: RAM role "web-reader" is not allowed in namespace "payments". Allowed for ServiceAccount "default": payments-reader, payments-writer (allowlists: payments). Contact: #platform-payments';

/** Which role a template names, what its pod then has, and how a refusal ends. */
type Expectations = Readonly<{
  admitted: readonly Readonly<{ as: string; named: string | undefined; outcome: string | undefined }>[];
  refused: readonly Readonly<{ as: string; named: string }>[];
  why: RegExp;
}>;

const EXPECTED: Readonly<Record<'up' | 'down', Expectations>> = {
  up: {
    admitted: [
      { as: 'allowed', named: ALLOWED, outcome: ALLOWED },
      { as: 'without', named: undefined, outcome: DEFAULT },
    ],
    refused: [{ as: 'refused', named: REFUSED }],
    why: new RegExp(`${RegExp.escape(DENIAL)}$`),
  },
  down: {
    admitted: [{ as: 'without', named: undefined, outcome: undefined }],
    refused: [
      { as: 'allowed', named: ALLOWED },
      { as: 'refused', named: REFUSED },
    ],
    why: unreachable('validate-pods'),
  },
};

const WORKLOADS: readonly Readonly<{ road: string; kind: WorkloadKind }>[] = [
  { road: 'a Deployment', kind: 'Deployment' },
  { road: 'a ReplicaSet', kind: 'ReplicaSet' },
  { road: 'a StatefulSet', kind: 'StatefulSet' },
  { road: 'a DaemonSet', kind: 'DaemonSet' },
  { road: 'a ReplicationController', kind: 'ReplicationController' },
  { road: 'a Job', kind: 'Job' },
  { road: 'a CronJob', kind: 'CronJob' },
];

type Change = Readonly<{
  metadata?: object;
  annotations?: Readonly<Record<string, string>>;
  spec?: object;
}>;

/** Pods that no controller makes: kubectl itself shows what became of them. */
const BY_HAND: readonly (Readonly<{ road: string; args: readonly string[] }> & Change)[] = [
  { road: 'kubectl apply', args: ['apply', '-f', '-'] },
  { road: 'kubectl create', args: ['create', '-f', '-'] },
  { road: 'kubectl apply --server-side', args: ['apply', '--server-side', '-f', '-'] },
  { road: 'kubectl apply --dry-run=server', args: ['apply', '--dry-run=server', '-f', '-'] },
  {
    road: 'a pod with generateName',
    args: ['create', '-f', '-'],
    metadata: { name: undefined, generateName: 'generated-' },
  },
  {
    road: 'a pod with scheduling gates',
    args: ['apply', '-f', '-'],
    spec: { schedulingGates: [{ name: 'example.com/quota' }] },
  },
  {
    road: 'a pod with a nodeName of its own choice',
    args: ['apply', '-f', '-'],
    spec: { nodeName: 'node-1' },
  },
];

const MIRROR: Change = {
  annotations: { 'kubernetes.io/config.mirror': 'a-hash' },
  spec: { nodeName: 'node-1', automountServiceAccountToken: false },
};
const ROLE_OUTPUT = ['-o', `jsonpath={.metadata.annotations.${ROLE_ANNOTATION.replaceAll('.', '\\.')}}`];

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

suite('every way to create a pod', () => {
  let cluster: WebhookCluster;

  before(async () => {
    cluster = await acquireCluster();
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

  for (const state of ['up', 'down'] as const) {
    suite(`while the webhook is ${state}`, () => {
      const { admitted, refused, why } = EXPECTED[state];
      const appOf = (kind: string, as: string) => `${kind.toLowerCase()}-${as}-${state}`;

      before(async () => {
        await bringWebhook(cluster, state);
        const cases = [...admitted, ...refused];
        await cluster.apply(
          WORKLOADS.flatMap(({ kind }) =>
            cases.map(({ named, as }) => workload(kind, appOf(kind, as), NAMESPACE, named)),
          ),
        );
        for (const { as } of cases) {
          await makeDue(appOf('CronJob', as));
        }
      });

      for (const { road, kind } of WORKLOADS) {
        for (const { as, outcome } of admitted) {
          test(`${road}, ${as} role: its pod has ${outcome}`, async () => {
            assert.equal(await roleOfApp(cluster, NAMESPACE, appOf(kind, as)), outcome);
          });
        }

        for (const { as } of refused) {
          test(`${road}, ${as} role, gets no pod, and an event tells why`, async () => {
            assert.match(await failureOf(appOf(kind, as)), why);
            const selector = `app=${appOf(kind, as)}`;
            assert.equal(
              await cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-l', selector, '-o', 'name']),
              '',
            );
          });
        }
      }

      for (const kind of ['deployment', 'replicaset', 'replicationcontroller']) {
        test(`a ${kind} that is refused says so in its conditions too`, async () => {
          const path = 'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}';
          const app = appOf(kind, 'refused');
          const message = await waitFor(
            'the condition',
            async () => (await cluster.kubectl(['get', kind, app, '-n', NAMESPACE, '-o', path])) || undefined,
          );
          assert.match(message, why);
        });
      }

      const FROM_CRON_JOB = { road: 'kubectl create job --from=cronjob' };
      test(`${FROM_CRON_JOB.road} is refused like the schedule`, async () => {
        const job = `by-hand-${state}`;
        const from = `--from=cronjob/${appOf('CronJob', 'refused')}`;
        await cluster.kubectl(['create', 'job', job, from, '-n', NAMESPACE]);
        assert.match(await failureOf(job), why);
      });

      for (const [index, { road, args, ...change }] of BY_HAND.entries()) {
        const nameOf = (as: string) => `by-hand-${index}-${as}-${state}`;
        for (const { as, named, outcome = '' } of admitted) {
          test(`${road}, ${as} role: the pod has ${outcome}`, async () => {
            const { printed, error } = await attempt(
              cluster,
              [...args, ...ROLE_OUTPUT],
              [barePod(nameOf(as), named, change)],
            );
            assert.deepEqual([printed, error], [outcome, '']);
          });
        }

        for (const { as, named } of refused) {
          test(`${road}, ${as} role: kubectl prints the refusal`, async () => {
            const { succeeded, error } = await attempt(cluster, args, [barePod(nameOf(as), named, change)]);
            assert.equal(succeeded, false);
            assert.match(
              error,
              /^Error from server \((?:Forbidden|InternalError)\): (?:error when creating "STDIN": )?/,
            );
            assert.match(error, why);
          });
        }
      }

      test('a dry run leaves nothing behind', async () => {
        const names = await cluster.kubectl(['get', 'pods', '-n', NAMESPACE, '-o', 'name']);
        assert.ok(!names.includes('by-hand-3-'), names);
      });

      const RUN = { road: 'kubectl run --annotations' };
      const run = (name: string, role: string | undefined) =>
        attempt(cluster, [
          ...['run', name, '-n', NAMESPACE, '--image=centos:7', '--labels=alibabacloud.com/eci=true'],
          ...(role === undefined ? [] : [`--annotations=${ROLE_ANNOTATION}=${role}`]),
        ]);
      for (const { as, named, outcome } of admitted) {
        test(`${RUN.road}, ${as} role: the pod has ${outcome}`, async () => {
          assert.equal((await run(`run-${as}-${state}`, named)).error, '');
          assert.equal(await roleOf(cluster, NAMESPACE, `run-${as}-${state}`), outcome);
        });
      }
      for (const { as, named } of refused) {
        test(`${RUN.road}, ${as} role: kubectl prints the refusal`, async () => {
          const { error } = await run(`run-${as}-${state}`, named);
          assert.match(error, /^Error from server \((?:Forbidden|InternalError)\): /);
          assert.match(error, why);
        });
      }

      test('a pod for an ordinary node gets no default, and may name no other role either', async () => {
        const metadata = { labels: { app: 'ordinary' } };
        const ordinary = barePod(`ordinary-${state}`, undefined, { metadata });
        assert.equal((await attempt(cluster, ['apply', '-f', '-'], [ordinary])).error, '');
        assert.equal(await roleOf(cluster, NAMESPACE, `ordinary-${state}`), undefined);
        const naming = barePod(`ordinary-refused-${state}`, REFUSED, { metadata });
        assert.match((await attempt(cluster, ['apply', '-f', '-'], [naming])).error, why);
      });

      const MIRROR_POD = { road: 'a mirror pod' };
      test(`${MIRROR_POD.road} is left alone, unless it names a role`, async () => {
        const mirror = barePod(`mirror-${state}`, undefined, MIRROR);
        const created = await attempt(cluster, ['create', '-f', '-', ...ROLE_OUTPUT], [mirror]);
        assert.deepEqual([created.printed, created.error], ['', '']);
        const naming = barePod(`mirror-refused-${state}`, REFUSED, MIRROR);
        assert.match((await attempt(cluster, ['create', '-f', '-'], [naming])).error, why);
      });

      const UPSERT = { road: 'a PUT or PATCH that would create a pod' };
      test(`${UPSERT.road} creates none, or meets the same refusal`, async () => {
        const { client } = cluster.controlPlane;
        const absent = barePod(`absent-${state}`, REFUSED);
        const path = `/api/v1/namespaces/${NAMESPACE}/pods/absent-${state}`;
        await assert.rejects(client.send('PUT', path, absent), /404|405/);
        await assert.rejects(
          client.send('PATCH', path, absent, 'application/strategic-merge-patch+json'),
          /404/,
        );
        await assert.rejects(
          client.send('PATCH', `${path}?fieldManager=test`, absent, 'application/apply-patch+yaml'),
          why,
        );
      });
    });
  }
});
