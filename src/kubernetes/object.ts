import { asObject, type JsonObject } from '../json/json.ts';
import { isNamespaceName, isPodName } from '../policy/names.ts';
import { API_VERSION, KIND } from '../policy/schema/allowlist.ts';
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

/** The path of all allowlists in the API. */
export const ALLOWLISTS_PATH = `/apis/${API_VERSION}/${KIND.toLowerCase()}s`;

/** The field manager of the caBundle and of the data of the Secret. */
export const FIELD_MANAGER = 'eci-ram-role-webhook-ca';

/** A caller waits for its turn for up to a second before, and three seconds in all. */
const TIMEOUT_MS = 1_500;

/** The metadata of a pod is at most 1.5 MiB in etcd; escaped characters may make it longer. */
const MAX_METADATA_BYTES = 2 * 1024 * 1024;

/** Only the metadata of the pod is read. */
const METADATA_ALONE = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** The path of a pod in the API; undefined if no pod can have this name: `..` would be the path of another object. */
export function podPath(namespace: string, name: string): string | undefined {
  return isNamespaceName(namespace) && isPodName(name)
    ? `/api/v1/namespaces/${namespace}/pods/${name}`
    : undefined;
}

/**
 * Reads the annotations of a pod by its path.
 *
 * @throws {ApiError} if there is no such pod; other errors if there is no answer within 1.5 s, or it is too large
 */
export async function readPodAnnotations(
  client: Pick<ApiClient, 'call'>,
  path: string,
): Promise<ReadonlyMap<string, string>> {
  const { metadata } = asObject(
    await client.call({
      path,
      accept: METADATA_ALONE,
      maxBytes: MAX_METADATA_BYTES,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }),
  );
  const annotations = asObject(asObject(metadata)['annotations']);
  return new Map(Object.entries(annotations).map(([key, value]) => [key, String(value)]));
}
