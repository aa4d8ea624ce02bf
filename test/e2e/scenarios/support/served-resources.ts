import { type ApiClient, ApiError } from '../../harness/api-client.ts';

type ResourceList = Readonly<{ resources: readonly Readonly<{ name: string; verbs: readonly string[] }>[] }>;
type Group = Readonly<{ versions: readonly Readonly<{ groupVersion: string }>[] }>;

/** The resources and subresources of a version, such as `/api/v1`; none of a version that is not served. */
export async function listServed(client: ApiClient, root: string): Promise<ResourceList['resources']> {
  try {
    return (await client.send<ResourceList>('GET', root)).resources;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return [];
    }
    throw error;
  }
}

/** The newest version of a group, such as `apps/v1`, that serves a resource; undefined if none does. */
export async function findVersion(
  client: ApiClient,
  group: string,
  resource: string,
): Promise<string | undefined> {
  const { versions } = await client.send<Group>('GET', `/apis/${group}`);
  for (const { groupVersion } of versions) {
    const served = await listServed(client, `/apis/${groupVersion}`);
    if (served.some(({ name }) => name === resource)) {
      return groupVersion;
    }
  }
  return undefined;
}
