// The role of a pod stays after its creation: every route by which a pod can be changed, with the webhook up or down.
// The list that allowed the roles is gone by then, so everything else about these pods must go on as ever.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { readThreatModel } from '../../docs/read-threat-model.ts';
import { waitFor } from '../harness/wait-for.ts';
import { CONTAINER } from './creation-lock/pod-parts.ts';
import {
  ANY_VALUE,
  carrying,
  IGNORED_ROADS,
  mergePatchOf,
  POD_ROADS,
  type Road,
  STATUS_ROADS,
} from './creation-lock/roads.ts';
import { UNRELATED_WRITES } from './creation-lock/unrelated-writes.ts';
import { readAuditLog } from './support/audit-log.ts';
import { attempt } from './support/kubectl-attempt.ts';
import { allowlist, namespace, ROLE_ANNOTATION, unscheduledPod } from './support/manifests.ts';
import type { WriteResult } from './support/pod-writes.ts';
import { roleOf } from './support/pods.ts';
import { listServed } from './support/served-resources.ts';
import { acquireCluster } from './support/shared-cluster.ts';
import { createTenant, type Tenant } from './support/tenant.ts';
import { RELEASE, type WebhookCluster } from './support/webhook-cluster.ts';
import { bringWebhook } from './support/webhook-outage.ts';

const NAMESPACE = 'payments';
const STATES = ['up', 'down'] as const;

const GATED = { schedulerName: 'default-scheduler', schedulingGates: [{ name: 'example.com/quota' }] };
const OPENED = { spec: { schedulingGates: null } };
const GATE_ROADS = [
  { road: 'a patch while scheduling gates are closed', change: {} },
  { road: 'a patch that opens the scheduling gates', change: OPENED },
];
const EVICTION = { road: 'POST of pods/eviction' };

const refusalOf = (was: string) =>
  `annotation ${ROLE_ANNOTATION} cannot change after a pod is created: it is "${was}"; to run as another RAM role, create the pod anew`;

suite('the creation lock', () => {
  let cluster: WebhookCluster;
  let tenant: Tenant;
  /** What the API server has of `/api/v1`, with the verbs of each. */
  let served: Awaited<ReturnType<typeof listServed>> = [];

  before(async () => {
    cluster = await acquireCluster();
    served = await listServed(cluster.controlPlane.client, '/api/v1');
    await cluster.apply([
      namespace(NAMESPACE),
      allowlist('payments', { namespaces: [NAMESPACE], roles: ['reader', 'writer'] }),
    ]);
    tenant = await createTenant(cluster, NAMESPACE);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'rral', 'payments', '--timeout=30s']);
    const pods = STATES.flatMap((state) => [
      unscheduledPod(`held-${state}`, NAMESPACE, 'reader', { containers: [CONTAINER] }),
      unscheduledPod(`plain-${state}`, NAMESPACE, undefined, { containers: [CONTAINER] }),
      unscheduledPod(`audited-${state}`, NAMESPACE, 'reader'),
      unscheduledPod(`gated-${state}`, NAMESPACE, 'reader', GATED),
    ]);
    await waitFor('the pods', () => cluster.apply(pods));
    await cluster.kubectl(['delete', 'rral', 'payments']);
    await waitFor('the deletion to count', async () => {
      const create = ['create', '--dry-run=server', '-f', '-'];
      const { error } = await attempt(cluster, create, [unscheduledPod('late', NAMESPACE, 'reader')]);
      return error.includes('no allowlist selects this namespace');
    });
  });

  after(async () => {
    tenant?.client.close();
    await patchStatusAction('Audit');
    await cluster?.stop();
  });

  async function patchStatusAction(action: 'Audit' | 'Deny'): Promise<void> {
    await cluster.kubectl([
      ...['patch', 'validatingadmissionpolicybinding', `${RELEASE}-creation-lock-status`, '--type=merge'],
      ...['-p', JSON.stringify({ spec: { validationActions: [action] } })],
    ]);
  }

  /** Has the lock answer writes of a pod's status by Audit, its default, or Deny; resolves when it does. */
  async function setStatusAction(action: 'Audit' | 'Deny', probed: string): Promise<void> {
    await patchStatusAction(action);
    const probe = ['--subresource=status', '--type=merge', '--dry-run=server', '-p', mergePatchOf('probe')];
    await waitFor(`${action} to count`, async () => {
      const { isAccepted } = await tenant.kubectl(['patch', 'pod', probed, ...probe]);
      return isAccepted === (action === 'Audit');
    });
  }

  /** What the lock wrote into the audit log about a pod, oldest first. */
  function roleChangesOf(pod: string): readonly string[] {
    return readAuditLog(cluster)
      .filter(({ objectRef }) => objectRef?.resource === 'pods' && objectRef.name === pod)
      .flatMap(({ annotations = {} }) => annotations[`${RELEASE}-creation-lock/role-changed`] ?? [])
      .filter((change) => change !== '');
  }

  async function accepted(writing: Promise<WriteResult>): Promise<void> {
    const { isAccepted, message } = await writing;
    assert.ok(isAccepted, message);
  }

  /** A write to a subresource that this API server does not have is answered with 404. */
  async function acceptedWhereServed(
    subresource: string | undefined,
    writing: Promise<WriteResult>,
  ): Promise<void> {
    if (subresource === undefined || served.some(({ name }) => name === subresource)) {
      await accepted(writing);
      return;
    }
    const { isAccepted, message } = await writing;
    assert.equal(isAccepted, false);
    assert.match(message, /: 404 /);
  }

  async function refused(pod: string, was: string, writing: Promise<WriteResult>): Promise<void> {
    const { isAccepted, message } = await writing;
    assert.equal(isAccepted, false);
    assert.ok(message.includes(refusalOf(was)), message);
    assert.equal((await roleOf(cluster, NAMESPACE, pod)) ?? '', was);
  }

  for (const state of STATES) {
    suite(`while the webhook is ${state}`, () => {
      const held = `held-${state}`;
      const plain = `plain-${state}`;
      const audited = `audited-${state}`;
      const gated = `gated-${state}`;

      before(() => bringWebhook(cluster, state));

      function testRefusals(roads: readonly Road[]): void {
        for (const { road, values = ANY_VALUE, write } of roads) {
          for (const value of values) {
            test(`${road} cannot change the role to ${JSON.stringify(value)}`, () =>
              refused(held, 'reader', write(tenant, held, value)));
          }
          test(`${road} cannot give a role to a pod that has none`, () =>
            refused(plain, '', write(tenant, plain, 'reader')));
        }
      }

      testRefusals(POD_ROADS);

      for (const { road, subresource, write } of IGNORED_ROADS) {
        for (const value of ANY_VALUE) {
          test(`${road} carries the value ${JSON.stringify(value)} in vain`, async () => {
            await acceptedWhereServed(subresource, write(tenant, held, value));
            assert.equal(await roleOf(cluster, NAMESPACE, held), 'reader');
          });
        }
      }

      suite('the status, by default', () => {
        before(() => setStatusAction('Audit', held));

        for (const { road, write } of STATUS_ROADS) {
          test(`${road} changes the role, lest a stale copy of a virtual kubelet freezes, and is audited`, async () => {
            const known = roleChangesOf(audited).length;
            await accepted(write(tenant, audited, 'writer'));
            assert.equal(await roleOf(cluster, NAMESPACE, audited), 'writer');
            await accepted(write(tenant, audited, null));
            assert.equal(await roleOf(cluster, NAMESPACE, audited), undefined);
            await accepted(write(tenant, audited, 'reader'));
            await waitFor('the audit log', () => roleChangesOf(audited).length >= known + 3);
            assert.deepEqual(roleChangesOf(audited).slice(known), [
              '"reader" to "writer"',
              '"writer" to ""',
              '"" to "reader"',
            ]);
          });
        }
      });

      suite('the status, under Deny', () => {
        before(() => setStatusAction('Deny', held));

        testRefusals(STATUS_ROADS);

        for (const { what, subresource, write } of UNRELATED_WRITES) {
          test(`lets pass, though the role is no longer allowed: ${what}`, async () => {
            await acceptedWhereServed(subresource, write(tenant, held));
            await acceptedWhereServed(subresource, write(tenant, plain));
            assert.equal(await roleOf(cluster, NAMESPACE, held), 'reader');
            assert.equal(await roleOf(cluster, NAMESPACE, plain), undefined);
          });
        }
      });

      const patchGated = (patch: object) =>
        tenant.kubectl(['patch', 'pod', gated, '--type=merge', '-p', JSON.stringify(patch)]);

      for (const { road, change } of GATE_ROADS) {
        test(`${road} cannot change the role`, () =>
          refused(gated, 'reader', patchGated({ metadata: carrying('writer'), ...change })));
      }

      test('a pod whose scheduling gates are opened runs with the role that it was created with', async () => {
        await accepted(patchGated(OPENED));
        await accepted(tenant.kubectl(['wait', '--for=condition=Ready', `pod/${gated}`, '--timeout=30s']));
        assert.equal(await roleOf(cluster, NAMESPACE, gated), 'reader');
      });

      test(`${EVICTION.road} deletes the pod, and carries a value in vain`, async () => {
        await accepted(patchGated({ metadata: { finalizers: ['example.com/x'] } }));
        await tenant.client.send('POST', `/api/v1/namespaces/${NAMESPACE}/pods/${gated}/eviction`, {
          ...{ apiVersion: 'policy/v1', kind: 'Eviction' },
          metadata: { name: gated, ...carrying('writer') },
        });
        const { metadata } = await tenant.readPod(gated);
        assert.equal(metadata.annotations?.[ROLE_ANNOTATION], 'reader');
        assert.ok(metadata.deletionTimestamp);
        await accepted(patchGated({ metadata: { finalizers: [] } }));
        await accepted(tenant.kubectl(['wait', '--for=delete', `pod/${gated}`, '--timeout=60s']));
      });

      test('lets a pod be deleted whose role is no longer allowed', async () => {
        await accepted(tenant.kubectl(['delete', 'pod', held, '--timeout=30s']));
        await assert.rejects(tenant.readPod(held), /404/);
      });
    });
  }

  test('the threat model names every subresource of pods that can be written', () => {
    const writable = served
      .filter(({ name }) => name.startsWith('pods/') || name === 'bindings')
      .filter(({ verbs }) => verbs.some((verb) => ['create', 'update', 'patch'].includes(verb)))
      .map(({ name }) => name);
    assert.ok(writable.includes('pods/binding') && writable.includes('bindings'), writable.join());
    const named = readThreatModel().subresources.map(({ resource }) => resource);
    assert.deepEqual(
      writable.filter((name) => !named.includes(name)),
      [],
    );
  });
});
