import { asObject, type JsonObject } from '../json/json.ts';
import type { ApiClient } from './client.ts';

/** What every object of the API has, as far as we read it. */
export type KubernetesObject = Readonly<{
  name: string;
  generation: number;
  resourceVersion: string;
  labels: ReadonlyMap<string, string>;
  /** The object as it came. */
  raw: JsonObject;
}>;

/** Reads an object that the API server sent. */
export function toKubernetesObject(value: unknown): KubernetesObject {
  const raw = asObject(value);
  const metadata = asObject(raw['metadata']);
  return {
    name: String(metadata['name'] ?? ''),
    generation: Number(metadata['generation'] ?? 0),
    resourceVersion: String(metadata['resourceVersion'] ?? ''),
    labels: new Map(Object.entries(asObject(metadata['labels'])).map(([key, label]) => [key, String(label)])),
    raw,
  };
}

/** The API server waits three seconds for us at the most. */
const TIMEOUT_MS = 2_000;

/** Whatever else stands in a path, such as `..`, would ask for something else. */
const POD_NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

/** Of a pod we need its annotations, nothing of its spec. */
const METADATA_ALONE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * Reads the annotations of a pod.
 *
 * @throws {ApiError} where there is no such pod; other errors where none can have such a name, and where there is no answer
 * within two seconds
 */
export async function readPodAnnotations(
  client: Pick<ApiClient, 'call'>,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  if (!POD_NAME.test(name)) {
    throw new Error('no pod has such a name');
  }
  const { metadata } = asObject(
    await client.call({
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`,
      accept: METADATA_ALONE,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }),
  );
  const annotations = asObject(asObject(metadata)['annotations']);
  return new Map(Object.entries(annotations).map(([key, value]) => [key, String(value)]));
}
