import type { ApiClient } from '../../harness/api-client.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { type ListedObject, listAllObjects } from './list-objects.ts';
import { NAMESPACE } from './webhook-cluster.ts';

const TIMEOUT_MS = 60_000;
const INTERVAL_MS = 250;
const NOW = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
const EMPTY = { apiVersion: 'v1', kind: 'Namespace', spec: { finalizers: [] } };

/**
 * Takes away every object that was not there before and belongs to no release of Helm. Resolves once they are gone, and
 * throws with the names of those that stay.
 */
export async function restoreCluster(client: ApiClient, namesBefore: ReadonlySet<string>): Promise<void> {
  await waitFor(
    'what the scenario has made to be gone',
    async () => {
      const leftovers = (await listAllObjects(client)).filter(
        (object) => !namesBefore.has(object.name) && !isHelms(object),
      );
      await removeObjects(client, leftovers);
      if (leftovers.length > 0) {
        throw new Error(leftovers.map(({ name }) => name).join(', '));
      }
      return true;
    },
    { timeoutMs: TIMEOUT_MS, intervalMs: INTERVAL_MS },
  );
}

/** Objects of a chart, what their controllers make of them, and the records of releases. */
function isHelms({ resource, metadata: { labels = {}, namespace } }: ListedObject): boolean {
  return (
    labels['app.kubernetes.io/managed-by'] === 'Helm' ||
    labels['owner'] === 'helm' ||
    (namespace === NAMESPACE && ['pods', 'replicasets'].includes(resource) && 'pod-template-hash' in labels)
  );
}

/**
 * Namespaces first, so that nothing new comes into them. One that is empty is finished here: the namespace controller
 * waits five seconds before it looks into one.
 */
async function removeObjects(client: ApiClient, objects: readonly ListedObject[]): Promise<void> {
  const namespaces = objects.filter(({ resource }) => resource === 'namespaces');
  const others = objects.filter(({ resource }) => resource !== 'namespaces');
  const remove = (path: string, body?: object) => client.sendForAnswer('DELETE', path, body);
  await Promise.all(namespaces.map(({ path }) => remove(path)));
  await Promise.all(others.map(({ path, resource }) => remove(path, resource === 'pods' ? NOW : undefined)));
  await Promise.all(
    namespaces
      .filter(({ metadata: { name } }) => others.every(({ metadata }) => metadata.namespace !== name))
      .map(async ({ path, metadata: { name } }) => {
        await remove(`${path}/events`);
        await client.sendForAnswer('PUT', `${path}/finalize`, { ...EMPTY, metadata: { name } });
      }),
  );
}
