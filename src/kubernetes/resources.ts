import { asObject } from '../json/json.ts';
import { API_VERSION, KIND } from '../policy/schema/allowlist.ts';
import type { ApiClient } from './client.ts';

/** The path of all allowlists in the API. */
export const ALLOWLISTS_PATH = `/apis/${API_VERSION}/${KIND.toLowerCase()}s`;

/** The field manager of the caBundle and of the data of the Secret. */
export const FIELD_MANAGER = 'eci-ram-role-webhook-ca';

/** The annotation of the CustomResourceDefinition with the version of the schema that it was generated from. */
export const SCHEMA_VERSION_ANNOTATION = 'eci-ram-role.io/schema-version';

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ramroleallowlists.eci-ram-role.io';

/**
 * Reads the version of the schema that the cluster's CustomResourceDefinition was generated from; 0 if it has none.
 * Helm never upgrades a CRD, and an older one silently drops fields that it does not know.
 *
 * @throws {ApiError} if there is no CRD, or we may not read it
 */
export async function readCrdVersion(client: ApiClient): Promise<number> {
  const { metadata } = asObject(await client.call({ path: PATH }));
  const { annotations } = asObject(metadata);
  return Number(asObject(annotations)[SCHEMA_VERSION_ANNOTATION] ?? 0);
}
