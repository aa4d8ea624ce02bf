import { asArray, asObject, type JsonObject } from '../../json/json.ts';
import type { ApiClient } from '../../kubernetes/client.ts';
import { type Manifest, toManifest } from '../manifests/objects.ts';
import { readAll } from './read.ts';

/** The kinds that create pods, and pods. */
const COLLECTIONS = [
  { path: '/apis/apps/v1/deployments', name: 'deployments.apps', apiVersion: 'apps/v1', kind: 'Deployment' },
  {
    path: '/apis/apps/v1/statefulsets',
    name: 'statefulsets.apps',
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
  },
  { path: '/apis/apps/v1/daemonsets', name: 'daemonsets.apps', apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { path: '/apis/apps/v1/replicasets', name: 'replicasets.apps', apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  {
    path: '/api/v1/replicationcontrollers',
    name: 'replicationcontrollers',
    apiVersion: 'v1',
    kind: 'ReplicationController',
  },
  { path: '/apis/batch/v1/jobs', name: 'jobs.batch', apiVersion: 'batch/v1', kind: 'Job' },
  { path: '/apis/batch/v1/cronjobs', name: 'cronjobs.batch', apiVersion: 'batch/v1', kind: 'CronJob' },
  { path: '/api/v1/pods', name: 'pods', apiVersion: 'v1', kind: 'Pod' },
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
  for (const { apiVersion, kind, ...collection } of COLLECTIONS) {
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
