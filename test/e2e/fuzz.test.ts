// Random pods, lists and sequences of writes, always the same for one seed, against a real API server. Whatever comes, no
// pod is ever stored with a role that its namespace's lists did not allow at its creation, and none changes after it; where
// the actions are softer, whatever else gets through leaves its warning or its audit annotation.
// Each run has another seed, and prints it; `PROPERTY_SEED` repeats one.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import fc from 'fast-check';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import type { ViolationAction } from '../../src/policy/violation-action.ts';
import { propertyRuns } from '../builders/property-runs.ts';
import { decideByTheTable } from '../builders/reference.ts';
import { allowlists, NAMESPACES, type PodLife, podLife, SERVICE_ACCOUNTS } from './fuzz/arbitraries.ts';
import { createPod, live, roleIn, type Written } from './fuzz/live.ts';
import { putInForce } from './fuzz/put-in-force.ts';
import { type Lock, waitForLock } from './fuzz/wait-for-lock.ts';
import { watchRoles } from './fuzz/watch-roles.ts';
import { waitFor } from './harness/wait-for.ts';
import { readAuditLog } from './scenarios/support/audit-log.ts';
import { namespace } from './scenarios/support/manifests.ts';
import { listReplicas, type Replica } from './scenarios/support/replicas.ts';
import { NAMESPACE, startWebhookCluster, type WebhookCluster } from './scenarios/support/webhook-cluster.ts';

const ROUNDS = 10;
const REPLICAS = 2;
const PODS_A_ROUND = 25;
const PODS_AT_ONCE = 5;
const PROTECTED_ROLES = ['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'];

const phases: readonly Phase[] = [
  { unlisted: 'Deny', actions: ['Deny', 'Strip'], lock: { pods: 'Deny', podsStatus: 'Deny' } },
  { unlisted: 'Strip', actions: ['Deny', 'Strip'], lock: { pods: 'Deny', podsStatus: 'Deny' } },
  {
    unlisted: 'Warn',
    actions: ['Deny', 'Strip', 'Warn', 'Audit'],
    lock: { pods: 'Warn', podsStatus: 'Audit' },
  },
  { unlisted: 'Audit', actions: ['Warn', 'Audit'], lock: { pods: 'Audit', podsStatus: 'Warn' } },
];

type Phase = Readonly<{
  unlisted: ViolationAction;
  actions: readonly ViolationAction[];
  lock: Lock;
}>;

suite('random pods, lists and writes', () => {
  let cluster: WebhookCluster;
  let pods = 0;

  before(async () => {
    cluster = await startWebhookCluster();
    await cluster.apply([
      ...[...NAMESPACES, 'signal'].map((name) => namespace(name)),
      ...NAMESPACES.flatMap((namespaceName) =>
        SERVICE_ACCOUNTS.map((name) => ({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name, namespace: namespaceName },
        })),
      ),
    ]);
  });

  after(() => cluster?.stop());

  for (const [index, phase] of phases.entries()) {
    const { unlisted, actions, lock } = phase;
    test(`unlisted ${unlisted}, lists ${actions.join(', ')}, lock ${lock.pods}, of the status ${lock.podsStatus}`, async (t) => {
      const { seed } = propertyRuns(1);
      t.diagnostic(`PROPERTY_SEED=${seed}`);
      const [lists, lives] = [
        fc.sample(allowlists(actions), { numRuns: ROUNDS, seed: seed + index }),
        fc.sample(podLife, { numRuns: ROUNDS * PODS_A_ROUND, seed: seed + index }),
      ];
      await cluster.install({ unlistedNamespaces: unlisted, creationLock: lock });
      await waitFor('the replicas before to be gone', async () => (await podNames()).length === REPLICAS);
      const replicas = await listReplicas(cluster);
      await runPhase(phase, replicas, lists, lives);
    });
  }

  /** Those of replicas that drain are among them: they still answer on connections that the API server keeps. */
  async function podNames(): Promise<readonly string[]> {
    const printed = await cluster.kubectl(['get', 'pods', '--namespace', NAMESPACE, '--output', 'name']);
    return printed.split('\n');
  }

  async function runPhase(
    phase: Phase,
    replicas: readonly Replica[],
    lists: readonly (readonly Allowlist[])[],
    lives: readonly PodLife[],
  ): Promise<void> {
    const isStrict = phase.lock.pods === 'Deny';
    const { client } = cluster.controlPlane;
    await waitForLock(client, phase.lock);
    const watch = await watchRoles(client);
    const allowed = new Map<string, string>();
    const changes: Written[] = [];

    for (const [round, allowlistsOfRound] of lists.entries()) {
      await putInForce(cluster, replicas, allowlistsOfRound);
      const livesOfRound = lives.slice(round * PODS_A_ROUND, (round + 1) * PODS_A_ROUND);
      for (let first = 0; first < livesOfRound.length; first += PODS_AT_ONCE) {
        await Promise.all(
          livesOfRound.slice(first, first + PODS_AT_ONCE).map(async (life) => {
            await liveOnePod(life, allowlistsOfRound);
          }),
        );
      }
    }
    await watch.stop();

    assert.ok(allowed.size > 20, `only ${allowed.size} pods were stored`);
    const stored = new Map(
      [...watch.histories].filter(([, { namespace }]) => NAMESPACES.includes(namespace)),
    );
    // No pod was stored that a creation did not answer with, or the other way round.
    assert.deepEqual([...stored.keys()].sort(), [...allowed.keys()].sort());
    for (const [uid, { roles, name }] of stored) {
      assert.deepEqual(isStrict ? roles : roles.slice(0, 1), [allowed.get(uid)], name);
    }
    if (isStrict) {
      assert.deepEqual(changes, []);
    } else {
      assert.ok(changes.length > 5, `only ${changes.length} changes got through`);
    }

    async function liveOnePod(life: PodLife, lists: readonly Allowlist[]): Promise<void> {
      const expected = decideByTheTable(
        {
          role: life.role ?? '',
          serviceAccount: life.serviceAccount,
          isMirrorPod: false,
          hasMarker: life.hasMarker,
        },
        life,
        lists,
        { unlistedNamespaces: phase.unlisted, protectedRoles: PROTECTED_ROLES, eciDetection: 'markers' },
        Date.now(),
      );
      const { answer, pod } = await createPod(client, life, `pod-${pods++}`);
      const context = JSON.stringify({ life, lists, expected, answer });
      assert.equal(pod === undefined, expected.decision === 'deny', context);
      if (pod === undefined) {
        assert.equal(answer.status, 403, context);
        return;
      }
      const role = ['strip', 'inject', 'allow'].includes(expected.decision)
        ? (expected.injected ?? (expected.decision === 'strip' ? '' : (life.role ?? '')))
        : (life.role ?? '');
      assert.equal(roleIn(pod), role, context);
      allowed.set(pod.metadata.uid, role);
      if (expected.decision === 'warn') {
        assert.match(
          answer.warnings.join('\n'),
          / (?:is not allowed in namespace|is not a RAM role name)/,
          context,
        );
      }
      if (expected.decision === 'audit') {
        const { annotations = {} } = await auditOf(answer.auditId);
        assert.equal(annotations['validate-pods.eci-ram-role.io/decision'], 'audit', context);
      }

      for await (const written of live(client, pod, life.writes, cluster.nodeAgent.nodeName)) {
        if (written.before !== written.after) {
          changes.push(written);
          await assertTold(written);
        }
      }
    }
  }

  /** A change of the role that gets through has its warning or its audit annotation. */
  async function assertTold({ answer, ...written }: Written): Promise<void> {
    if (answer.warnings.some((warning) => warning.includes('cannot change after a pod is created'))) {
      return;
    }
    const { annotations = {} } = await auditOf(answer.auditId);
    const keys = Object.keys(annotations).filter((key) => key.includes('creation-lock'));
    assert.ok(keys.length > 0, JSON.stringify({ written, annotations }));
  }

  function auditOf(auditId: string) {
    return waitFor(`audit event ${auditId}`, () =>
      readAuditLog(cluster).find((event) => event.auditID === auditId),
    );
  }
});
