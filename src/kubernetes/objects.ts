import { asObject, type JsonObject } from '../policy/json-object.ts';

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
