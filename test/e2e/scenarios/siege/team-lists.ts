import assert from 'node:assert/strict';
import { patternList } from '../../../siege/support/pattern-list.ts';
import type { ApiClient, KubernetesObject } from '../../harness/api-client.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { allowlist } from '../support/manifests.ts';
import { listReplicas } from '../support/replicas.ts';
import { RELEASE, type WebhookCluster } from '../support/webhook-cluster.ts';

/** The user `dev` is one of them. */
export const TEAM = 'developers';
export const DELEGATION = {
  groups: [TEAM],
  listNamePrefix: 'team-a-',
  namespaces: ['team-a-*'],
  roles: ['team-a-*'],
};
export const COLLECTION = '/apis/eci-ram-role.io/v1alpha1/ramroleallowlists';

/** The most that a delegation allows in an allowlist. */
const MOST = { namespaces: 32, roles: 64 };
const LISTS = 600;
const EDITS = 200;
const WRITERS = 4;
const CONFIGURATION = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${RELEASE}`;

type List = KubernetesObject & { status?: { conditions?: readonly { reason: string }[] } };
type Configuration = KubernetesObject & { webhooks: readonly { name: string }[] };

/** Creates as many allowlists as the API server takes. @throws if one is denied for another reason than its bound */
export async function createLists(admin: ApiClient, team: ApiClient): Promise<void> {
  const denied: number[] = [];
  await inParallel(LISTS, async (index) => {
    const { status, body } = await createList(team, index);
    if (status !== 201) {
      assert.match(body, /the allowlist exceeds a bound/);
      denied.push(index);
    }
  });
  assert.ok(denied.length > 0);
  await removeCheck(admin);
  await inParallel(denied.length, (turn) =>
    waitFor('a list to be created', async () => (await createList(team, denied[turn] ?? 0)).status === 201),
  );
}

/** Gives other roles to some of them. */
export async function editLists(team: ApiClient): Promise<void> {
  await inParallel(EDITS, async (turn) => {
    const { name, spec } = patternList((turn * 7) % LISTS, MOST, turn);
    await team.send('PATCH', `${COLLECTION}/${name}`, { spec }, 'application/merge-patch+json');
  });
}

/** @throws unless status, metric and log report the bound, and the lists of others are in force */
export async function expectOverBound(cluster: WebhookCluster, others: readonly string[]): Promise<void> {
  const { client } = cluster.controlPlane;
  const reasons = await waitFor('a list that is over the bound', async () => {
    const { items } = await client.send<{ items: readonly List[] }>('GET', COLLECTION);
    const found = new Map(
      items.map(({ metadata, status }) => [metadata.name, status?.conditions?.[0]?.reason]),
    );
    return [...found.values()].includes('OverBound') && found;
  });
  assert.equal(reasons.size, LISTS + others.length);
  for (const name of others) {
    assert.equal(reasons.get(name), 'Accepted');
  }
  for (const { metric, log } of await listReplicas(cluster)) {
    assert.ok((await metric('allowlists', { state: 'over-bound' })) > 0);
    assert.ok((await metric('allowlists', { state: 'active' })) > others.length);
    await waitFor('the line of the bound', () =>
      log().some((line) => line.includes('allowlists over their bound only deny')),
    );
  }
}

function createList(team: ApiClient, index: number) {
  const { name, spec } = patternList(index, MOST);
  return team.sendForAnswer('POST', COLLECTION, allowlist(name, spec));
}

/** The check of allowlists fails open. What it denies is created as if no replica had answered. */
async function removeCheck(admin: ApiClient): Promise<void> {
  const configuration = await admin.send<Configuration>('GET', CONFIGURATION);
  const webhooks = configuration.webhooks.filter(({ name }) => !name.startsWith('validate-allowlists.'));
  assert.equal(webhooks.length, configuration.webhooks.length - 1);
  await admin.send('PUT', CONFIGURATION, { ...configuration, webhooks });
}

/** Calls with 0, 1, 2 and so on, for several at a time. */
async function inParallel(count: number, action: (turn: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      await action(next++);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, work));
}
