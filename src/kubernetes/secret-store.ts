import * as z from 'zod';
import { errorMessage } from '../text/printable.ts';
import { type ApiClient, ApiError } from './client.ts';
import { FIELD_MANAGER } from './object.ts';

/** A Secret as it was read. Fields that we do not know are written back unchanged. */
export type StoredSecret = Readonly<{ object: SecretObject; data: Readonly<Record<string, string>> }>;

export type SecretStore = Readonly<{
  /** @throws if the Secret cannot be read; the message names it and, if known, the fix */
  read: () => Promise<StoredSecret>;
  /**
   * Replaces the data of the Secret. Resolves to `conflict` if somebody else has written the Secret since it was read:
   * then read it and plan again.
   *
   * @throws if the Secret cannot be written; the message names it
   */
  replace: (secret: StoredSecret, data: Readonly<Record<string, string>>) => Promise<'replaced' | 'conflict'>;
}>;

const secretSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});
type SecretObject = z.infer<typeof secretSchema>;

/** Reads and replaces one Secret. It is never created here: the chart owns it and removes it. Needs get and update. */
export function createSecretStore(
  client: ApiClient,
  { namespace, secretName }: Readonly<{ namespace: string; secretName: string }>,
): SecretStore {
  const path = `/api/v1/namespaces/${namespace}/secrets/${secretName}`;
  const label = `Secret ${namespace}/${secretName}`;

  return {
    read: async () => {
      try {
        const object = secretSchema.parse(await client.call({ path }));
        return { object, data: mapValues(object.data ?? {}, decode) };
      } catch (error) {
        throw new Error(
          error instanceof ApiError && error.status === 404
            ? `${label} is missing: run "helm upgrade" to create it again`
            : `${label} cannot be read: ${errorMessage(error)}`,
        );
      }
    },
    replace: async ({ object, data: former }, data) => {
      const changed = Object.entries(data).filter(([key, value]) => former[key] !== value);
      const kept = Object.entries(object.data ?? {}).filter(([key]) => Object.hasOwn(data, key));
      const body = {
        ...object,
        data: { ...Object.fromEntries(kept), ...mapValues(Object.fromEntries(changed), encode) },
      };
      try {
        await client.call({ method: 'PUT', path, query: { fieldManager: FIELD_MANAGER }, body });
        return 'replaced';
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) {
          return 'conflict';
        }
        throw new Error(`${label} cannot be written: ${errorMessage(error)}`);
      }
    },
  };
}

function mapValues(
  record: Readonly<Record<string, string>>,
  map: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function decode(value: string): string {
  return Buffer.from(value, 'base64').toString();
}

function encode(value: string): string {
  return Buffer.from(value).toString('base64');
}
