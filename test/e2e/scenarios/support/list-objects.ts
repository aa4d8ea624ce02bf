import type { ApiClient, KubernetesObject } from '../../harness/api-client.ts';

/** An object with the path under which it is read and deleted. */
export type ListedObject = Readonly<{
  /** Such as `v1/secrets default/token`. */
  name: string;
  path: string;
  /** Such as `secrets`. */
  resource: string;
  metadata: KubernetesObject['metadata'];
}>;

type ResourceList = Readonly<{
  groupVersion: string;
  resources: readonly Readonly<{ name: string; verbs: readonly string[] }>[];
}>;
type GroupList = Readonly<{ groups: readonly Readonly<{ preferredVersion: { groupVersion: string } }>[] }>;

/**
 * All objects of all resources in all namespaces, sorted by name. Events and leases are left out: they come and go by
 * themselves.
 */
export async function listAllObjects(client: ApiClient): Promise<readonly ListedObject[]> {
  const { groups } = await client.send<GroupList>('GET', '/apis');
  const roots = [
    '/api/v1',
    ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ];
  const objects = await Promise.all(roots.map((root) => listGroup(client, root)));
  return objects.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The names of all objects, as listAllObjects has them. */
export async function listAllNames(client: ApiClient): Promise<readonly string[]> {
  return (await listAllObjects(client)).map(({ name }) => name);
}

async function listGroup(client: ApiClient, root: string): Promise<readonly ListedObject[]> {
  const { groupVersion, resources } = await client.send<ResourceList>('GET', root);
  const listed = resources.filter(
    ({ name, verbs }) => verbs.includes('list') && name !== 'events' && name !== 'leases',
  );
  const objects = await Promise.all(
    listed.map(async ({ name: resource }) => {
      const { items } = await client.send<{ items: readonly KubernetesObject[] }>(
        'GET',
        `${root}/${resource}`,
      );
      return items.map(({ metadata }): ListedObject => {
        const { namespace, name } = metadata;
        const inside = namespace === undefined ? '' : `/namespaces/${namespace}`;
        return {
          name: `${groupVersion}/${resource} ${[namespace, name].filter(Boolean).join('/')}`,
          path: `${root}${inside}/${resource}/${name}`,
          resource,
          metadata,
        };
      });
    }),
  );
  return objects.flat();
}
