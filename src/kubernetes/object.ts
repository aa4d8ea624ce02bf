import { asObject, type JsonObject } from '../json/json.ts';
import { MAX_OBJECT_NAME_LENGTH } from '../policy/names.ts';
import type { ApiClient } from './client.ts';

/** An object of the API, with the metadata that we read. */
export type KubernetesObject = Readonly<{
  name: string;
  generation: number;
  resourceVersion: string;
  labels: ReadonlyMap<string, string>;
  /** The object as it arrived. */
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

/** The API server waits at most three seconds for our answer. */
const TIMEOUT_MS = 2_000;

/** Other names, such as `..`, could turn the path into that of another object. */
const POD_NAME = /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;

/** Only the metadata of the pod is read. */
const METADATA_ALONE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * Reads the annotations of a pod.
 *
 * @throws {ApiError} if there is no such pod; other errors if no pod can have this name, or if there is no answer
 *   within two seconds
 */
export async function readPodAnnotations(
  client: Pick<ApiClient, 'call'>,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  if (name.length > MAX_OBJECT_NAME_LENGTH || !POD_NAME.test(name)) {
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
