import type { ApiClient } from '../../harness/api-client.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { listAllObjects } from './list-objects.ts';
import { NAMESPACE, RELEASE, type WebhookCluster } from './webhook-cluster.ts';
import { scaleWebhook } from './webhook-rollout.ts';

/** An object as listAllObjects names it. */
type Named = Readonly<{ path: string; resource: string; namespace: string | undefined; name: string }>;

const REPLICAS = 2;
const TIMEOUT_MS = 60_000;
const NOW = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };

/**
 * Takes away every object that was not there before, and gives the webhook its replicas back. Resolves once it is so, and
 * throws with the names of what is left otherwise.
 */
export async function restoreCluster(
  cluster: WebhookCluster,
  objectsBefore: ReadonlySet<string>,
): Promise<void> {
  const { client } = cluster.controlPlane;
  const listLeftovers = async () =>
    (await listAllObjects(client))
      .filter((object) => !objectsBefore.has(object))
      .map(parseName)
      // Pods of the webhook come and go.
      .filter(({ resource, namespace }) => resource !== 'pods' || namespace !== NAMESPACE);

  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${RELEASE}`;
  const { spec } = await client.send<{ spec: { replicas: number } }>('GET', path);
  if (spec.replicas !== REPLICAS) {
    await scaleWebhook(cluster, REPLICAS);
  }
  await deleteObjects(client, await listLeftovers());
  await waitFor(
    'what the scenario has made to be gone',
    async () => {
      const leftovers = await listLeftovers();
      if (leftovers.length > 0) {
        throw new Error(leftovers.map((leftover) => leftover.path).join(', '));
      }
      return true;
    },
    { timeoutMs: TIMEOUT_MS, intervalMs: 250 },
  );
}

/** What lies in a namespace that goes need not be deleted, but its pods would keep it for their grace period. */
async function deleteObjects(client: ApiClient, objects: readonly Named[]): Promise<void> {
  const namespaces = objects.filter(({ resource }) => resource === 'namespaces').map(({ name }) => name);
  const others = objects.filter(
    ({ resource, namespace }) =>
      resource !== 'namespaces' && (namespace === undefined || !namespaces.includes(namespace)),
  );
  const remove = (path: string, body?: object) => client.sendForAnswer('DELETE', path, body);
  await Promise.all(others.map(({ path, resource }) => remove(path, resource === 'pods' ? NOW : undefined)));
  await Promise.all(namespaces.map((name) => remove(`/api/v1/namespaces/${name}`)));
  await Promise.all(namespaces.map((name) => remove(`/api/v1/namespaces/${name}/pods`, NOW)));
}

/** Reads a name such as `apps/v1/deployments team/app`. */
function parseName(object: string): Named {
  const [type = '', place = ''] = object.split(' ');
  const cut = type.lastIndexOf('/');
  const [groupVersion, resource] = [type.slice(0, cut), type.slice(cut + 1)];
  const slash = place.indexOf('/');
  const namespace = slash < 0 ? undefined : place.slice(0, slash);
  const name = place.slice(slash + 1);
  const root = groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`;
  const inside = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return { path: `${root}${inside}/${resource}/${name}`, resource, namespace, name };
}
