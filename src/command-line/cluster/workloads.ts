import { asArray, asObject, type JsonObject } from '../../json/json.ts';
import type { ApiClient } from '../../kubernetes/client.ts';
import { type Manifest, toManifest } from '../manifests/objects.ts';
import { readAll } from './read.ts';

/** The kinds that create pods, and pods. */
const COLLECTIONS = [
  { group: 'apps', resource: 'deployments', kind: 'Deployment' },
  { group: 'apps', resource: 'statefulsets', kind: 'StatefulSet' },
  { group: 'apps', resource: 'daemonsets', kind: 'DaemonSet' },
  { group: 'apps', resource: 'replicasets', kind: 'ReplicaSet' },
  { group: '', resource: 'replicationcontrollers', kind: 'ReplicationController' },
  { group: 'batch', resource: 'jobs', kind: 'Job' },
  { group: 'batch', resource: 'cronjobs', kind: 'CronJob' },
  { group: '', resource: 'pods', kind: 'Pod' },
];

const KINDS: ReadonlySet<unknown> = new Set(COLLECTIONS.map(({ kind }) => kind));

/**
 * Passes on the workloads and pods of a cluster, page by page, but for those that another of them controls. Resolves to the
 * reasons why some could not be read.
 */
export async function readWorkloads(
  client: ApiClient,
  use: (manifest: Manifest) => Promise<void>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { group, resource, kind } of COLLECTIONS) {
    const apiVersion = group === '' ? 'v1' : `${group}/v1`;
    const collection = {
      path: `/${group === '' ? 'api' : 'apis'}/${apiVersion}/${resource}`,
      name: group === '' ? resource : `${resource}.${group}`,
    };
    const read = await readAll(client, collection, async (item) => {
      const value: JsonObject = { ...asObject(item), apiVersion, kind };
      if (!isControlled(value)) {
        await use(toManifest({ value, path: [], positionOf: () => OF_CLUSTER }, value));
      }
    });
    problems.push(...(read.ok ? [] : [read.problem]));
  }
  return problems;
}

/** An object of a cluster stands in no file. */
const OF_CLUSTER = { file: 'cluster', line: 1, column: 1 };

/** The controller has the pod template of the object, and is passed on itself. */
function isControlled(value: JsonObject): boolean {
  return asArray(asObject(value['metadata'])['ownerReferences']).some((owner) => {
    const { kind, controller } = asObject(owner);
    return controller === true && KINDS.has(kind);
  });
}
