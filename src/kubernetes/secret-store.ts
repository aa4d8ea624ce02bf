import * as z from 'zod';
import { errorMessage } from '../text/printable.ts';
import { type ApiClient, ApiError } from './client.ts';
import { FIELD_MANAGER } from './resources.ts';

/** A Secret as it was read; what we do not know of it goes back as it came. */
export type StoredSecret = Readonly<{ object: SecretObject; data: Readonly<Record<string, string>> }>;

/** Somebody else has written the Secret since it was read: read it and plan again. */
export class SecretConflictError extends Error {
  override name = 'SecretConflictError';
}

/** The Secret cannot be read or written; the message says which, why and, where that is known, what to do. */
export class SecretError extends Error {
  override name = 'SecretError';
}

export type SecretStore = Readonly<{
  /** @throws {SecretError} */
  read: () => Promise<StoredSecret>;
  /**
   * Replaces the data of the Secret, unless somebody has written it since it was read.
   *
   * @throws {SecretConflictError | SecretError}
   */
  replace: (secret: StoredSecret, data: Readonly<Record<string, string>>) => Promise<void>;
}>;

const secretSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});
type SecretObject = z.infer<typeof secretSchema>;

/** One Secret, which is never created: it belongs to the chart, which takes it away again. Needs get and update. */
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
        throw new SecretError(
          error instanceof ApiError && error.status === 404
            ? `${label} is missing: the chart makes it, empty, at the next "helm upgrade"; it is never made here`
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
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) {
          throw new SecretConflictError(`${label} was written by another at the same time`);
        }
        throw new SecretError(`${label} cannot be written: ${errorMessage(error)}`);
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
