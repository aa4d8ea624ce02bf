import type { ApiClient, KubernetesObject } from '../../harness/api-client.ts';

type ResourceList = Readonly<{
  groupVersion: string;
  resources: readonly Readonly<{ name: string; verbs: readonly string[] }>[];
}>;
type GroupList = Readonly<{ groups: readonly Readonly<{ preferredVersion: { groupVersion: string } }>[] }>;

/**
 * The names of all objects of all resources in all namespaces, such as `v1/secrets default/token`, sorted. Events and
 * leases are left out: they come and go by themselves.
 */
export async function listAllObjects(client: ApiClient): Promise<readonly string[]> {
  const { groups } = await client.send<GroupList>('GET', '/apis');
  const roots = [
    '/api/v1',
    ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ];
  const names = await Promise.all(roots.map((root) => listGroup(client, root)));
  return names.flat().sort();
}

async function listGroup(client: ApiClient, root: string): Promise<readonly string[]> {
  const { groupVersion, resources } = await client.send<ResourceList>('GET', root);
  const listed = resources.filter(
    ({ name, verbs }) => verbs.includes('list') && name !== 'events' && name !== 'leases',
  );
  const names = await Promise.all(
    listed.map(async ({ name }) => {
      const { items } = await client.send<{ items: readonly KubernetesObject[] }>('GET', `${root}/${name}`);
      return items.map(({ metadata }) =>
        [`${groupVersion}/${name}`, [metadata.namespace, metadata.name].filter(Boolean).join('/')].join(' '),
      );
    }),
  );
  return names.flat();
}
