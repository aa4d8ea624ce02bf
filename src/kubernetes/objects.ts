/** A JSON object of which only the fields we ask for matter. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What every object of the API has, as far as we read it. */
export type KubernetesObject = Readonly<{
  name: string;
  generation: number;
  resourceVersion: string;
  labels: ReadonlyMap<string, string>;
  /** The object as it came. */
  raw: JsonObject;
}>;

export function toJsonObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Reads an object that the API server sent. */
export function toKubernetesObject(value: unknown): KubernetesObject {
  const raw = toJsonObject(value);
  const metadata = toJsonObject(raw['metadata']);
  return {
    name: String(metadata['name'] ?? ''),
    generation: Number(metadata['generation'] ?? 0),
    resourceVersion: String(metadata['resourceVersion'] ?? ''),
    labels: new Map(
      Object.entries(toJsonObject(metadata['labels'])).map(([key, label]) => [key, String(label)]),
    ),
    raw,
  };
}
