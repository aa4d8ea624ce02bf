// An allowlist and its first pods in one command: the pods may arrive before the webhook's watch reports the allowlist. Each
// way of writing them is repeated; E2E_ROUNDS repeats it more often.
import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../harness/kubernetes-objects.ts';
import { waitFor } from '../harness/wait-for.ts';
import { WRITERS, type Writer } from './allowlist-and-pods-at-once/writers.ts';
import { allowlist, namespace, podTemplate, ROLE_ANNOTATION } from './support/manifests.ts';
import { startWebhookCluster, type WebhookCluster } from './support/webhook-cluster.ts';

const ROUNDS = Number(process.env['E2E_ROUNDS'] ?? 3);
/** Of a hundred rounds one may fail. */
const MAX_FAILURES = Math.floor(ROUNDS / 100);
const REPLICAS = 2;
/** After this time a namespace no longer counts as new. */
const NEW_MS = 10_500;

type Target = 'new namespace' | 'known namespace' | 'edited allowlist';
type Workload = Readonly<{ name: string; kind: 'Deployment' | 'Pod'; role: string | undefined }>;

const WITH_DEFAULT: Workload = { name: 'a Deployment without a role', kind: 'Deployment', role: undefined };
const WITH_ROLE: Workload = { name: 'a Deployment with a role', kind: 'Deployment', role: 'reader' };
const POD_WITH_DEFAULT: Workload = { name: 'a bare pod without a role', kind: 'Pod', role: undefined };
const POD_WITH_ROLE: Workload = { name: 'a bare pod with a role', kind: 'Pod', role: 'reader' };

function manifest({ kind, role }: Workload, where: string): object {
  const { metadata, spec } = podTemplate(role, 'app');
  // No scheduler binds the pods: only their annotations matter.
  const template = { metadata, spec: { ...spec, serviceAccountName: 'app', schedulerName: 'nobody' } };
  return kind === 'Pod'
    ? { apiVersion: 'v1', kind, ...template, metadata: { ...metadata, name: 'app', namespace: where } }
    : {
        ...{ apiVersion: 'apps/v1', kind, metadata: { name: 'app', namespace: where } },
        spec: { replicas: REPLICAS, selector: { matchLabels: { app: 'app' } }, template },
      };
}

suite('an allowlist and its first pods in one command', () => {
  let cluster: WebhookCluster;
  let series = 0;
  const known: string[] = [];
  const edited: string[] = [];

  before(async () => {
    cluster = await startWebhookCluster();
    const empty = (name: string) => allowlist(name, { namespaces: [name], roles: [] });
    await cluster.apply([...[...known, ...edited].map((name) => namespace(name)), ...edited.map(empty)]);
    await sleep(NEW_MS);
  });

  after(() => cluster?.stop());

  /** The first problem of a workload and its allowlist that are written together; undefined if there is none. */
  async function findProblem(writer: Writer, target: Target, workload: Workload, where: string) {
    const isNamespaceWritten = target === 'new namespace' && !writer.createsNamespace;
    const printed = await writer.write(cluster, where, {
      allowlist: allowlist(where, { namespaces: [where], roles: ['reader'], defaultRole: 'reader' }),
      others: [
        ...(isNamespaceWritten ? [namespace(where)] : []),
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: where } },
        manifest(workload, where),
      ],
    });
    if (printed !== '' && writer.isAllowlistFirst) {
      return printed;
    }
    const pods = await waitFor(`the pods in ${where}: ${printed}`, async () => {
      const found = await list<Pod>(where, 'pods');
      return found.length === (workload.kind === 'Pod' ? 1 : REPLICAS) && found;
    });
    const roles = pods.map(({ metadata }) => metadata.annotations?.[ROLE_ANNOTATION] ?? 'no role');
    const [denial] = await list<{ message: string }>(where, 'events?fieldSelector=reason%3DFailedCreate');
    return roles.every((role) => role === 'reader') ? denial?.message : `pods with ${roles.join(', ')}`;
  }

  async function list<Item>(where: string, resource: string): Promise<readonly Item[]> {
    const { items } = await cluster.controlPlane.client.send<{ items: readonly Item[] }>(
      'GET',
      `/api/v1/namespaces/${where}/${resource}`,
    );
    return items;
  }

  function testEach(writer: Writer, targets: readonly Target[], workloads: readonly Workload[]): void {
    for (const target of targets) {
      for (const workload of workloads) {
        series += 1;
        const names = Array.from({ length: ROUNDS }, (_, round) => `series-${series}-${round}`);
        known.push(...(target === 'known namespace' ? names : []));
        edited.push(...(target === 'edited allowlist' ? names : []));
        test(`${writer.name}, ${target}: ${workload.name}`, async (t) => {
          const problems: string[] = [];
          for (const name of names) {
            const problem = await findProblem(writer, target, workload, name);
            problems.push(...(problem === undefined ? [] : [`${name}: ${problem}`]));
          }
          await cluster.kubectl(['delete', 'rral', ...names, '--ignore-not-found']);
          t.diagnostic(`${ROUNDS - problems.length} of ${ROUNDS}`);
          assert.ok(problems.length <= MAX_FAILURES, problems.join('\n'));
        });
      }
    }
  }

  const allowlistFirst = WRITERS.filter(({ isAllowlistFirst }) => isAllowlistFirst);
  for (const writer of allowlistFirst) {
    testEach(
      writer,
      [
        'new namespace',
        'known namespace',
        ...(writer.createsNamespace ? [] : (['edited allowlist'] as const)),
      ],
      [WITH_DEFAULT, WITH_ROLE, POD_WITH_DEFAULT, POD_WITH_ROLE],
    );
  }
  for (const writer of WRITERS.filter(({ isAllowlistFirst }) => !isAllowlistFirst)) {
    testEach(writer, ['new namespace'], [WITH_DEFAULT, WITH_ROLE]);
    // Without a role the pod waits for nothing here, and misses a default that is written after it.
    testEach(writer, ['known namespace'], [WITH_ROLE]);
  }

  suite('with workloads.action: Deny', () => {
    before(() => cluster.install({ workloads: { action: 'Deny' } }));

    for (const writer of allowlistFirst) {
      testEach(writer, ['new namespace', 'known namespace'], [WITH_ROLE]);
    }
  });
});
