import { ROLE_ANNOTATION } from '../../admission/role-annotation.ts';
import { asArray, asObject, asString, own } from '../../json/json.ts';
import { type ApiClient, ApiError } from '../../kubernetes/client.ts';
import { ALLOWLISTS_PATH, toKubernetesObject } from '../../kubernetes/object.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Allowlist } from '../../policy/schema/allowlist.ts';
import { denyOnlyFallback, parseAllowlist } from '../../policy/schema/parse.ts';
import { errorMessage } from '../../text/printable.ts';
import { failure, type Result, success, UsableError } from '../../text/problem.ts';

/** A resource of the API, and its name in a sentence about permissions. */
export type Collection = Readonly<{ path: string; name: string }>;

const ALLOWLISTS: Collection = { path: ALLOWLISTS_PATH, name: 'ramroleallowlists.eci-ram-role.io' };
const NAMESPACES: Collection = { path: '/api/v1/namespaces', name: 'namespaces' };
const PODS: Collection = { path: '/api/v1/pods', name: 'pods' };

const FORBIDDEN = 403;
const NOT_FOUND = 404;
const PAGE_LIMIT = '500';

/**
 * Reads the allowlists of a cluster as the webhook does: one that its schema does not accept denies, and allows nothing.
 *
 * @throws {UsableError} if they cannot be read, since every answer depends on them
 */
export async function readClusterAllowlists(client: ApiClient): Promise<readonly Allowlist[]> {
  const allowlists: Allowlist[] = [];
  const read = await readAll(client, ALLOWLISTS, (item) => {
    const { name, raw } = toKubernetesObject(item);
    const parsed = parseAllowlist({ ...raw, ...TYPE });
    allowlists.push(parsed.ok ? parsed.value : denyOnlyFallback(name, raw['spec']));
  });
  if (!read.ok) {
    throw new UsableError(read.problem);
  }
  return allowlists;
}

/** The items of a list have no kind of their own. */
const TYPE = { apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist' };

/** Reads the namespaces of a cluster with their labels, or why they are not known. */
export async function readClusterNamespaces(
  client: ApiClient,
): Promise<Result<ReadonlyMap<string, Labels>, string>> {
  const namespaces = new Map<string, Labels>();
  const read = await readAll(client, NAMESPACES, (item) => {
    const { name, labels } = toKubernetesObject(item);
    namespaces.set(name, labels);
  });
  return read.ok ? success(namespaces) : read;
}

/** A pod that names a role. */
export type RunningPod = Readonly<{ namespace: string; name: string; serviceAccount: string }>;

/** Finds the pods of a cluster that name a role, or why they are not known. Holds one page of all pods in memory. */
export async function findPodsWithRole(
  client: ApiClient,
  role: string,
): Promise<Result<readonly RunningPod[], string>> {
  const pods: RunningPod[] = [];
  const read = await readAll(client, PODS, (item) => {
    const { metadata, spec } = asObject(item);
    const { annotations, namespace, name } = asObject(metadata);
    if (own(asObject(annotations), ROLE_ANNOTATION) === role) {
      const serviceAccount = asString(asObject(spec)['serviceAccountName']);
      pods.push({ namespace: asString(namespace), name: asString(name), serviceAccount });
    }
  });
  return read.ok ? success(pods) : read;
}

/** Passes on all items of a collection, page by page. Fails with the permission that is missing, or the error. */
export async function readAll(
  client: ApiClient,
  { path, name }: Collection,
  use: (item: unknown) => void | Promise<void>,
): Promise<Result<undefined, string>> {
  let token = '';
  try {
    do {
      const query = { limit: PAGE_LIMIT, ...(token !== '' && { continue: token }) };
      const { items, metadata } = asObject(await client.call({ path, query }));
      for (const item of asArray(items)) {
        await use(item);
      }
      token = asString(asObject(metadata)['continue']);
    } while (token !== '');
    return success(undefined);
  } catch (error) {
    return failure(describe(error, name));
  }
}

function describe(error: unknown, name: string): string {
  if (error instanceof ApiError && error.status === FORBIDDEN) {
    return `the cluster: expected the permission to list ${name}, found none; ask for a ClusterRole with the verb list on this resource`;
  }
  if (error instanceof ApiError && error.status === NOT_FOUND) {
    return `the cluster: expected the resource ${name}, found none; install the chart, or name files with --allowlists`;
  }
  return `the cluster: expected ${name} from the API server, found ${errorMessage(error)}`;
}
