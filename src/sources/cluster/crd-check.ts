import type { Logger } from 'pino';
import { asObject } from '../../json/json.ts';
import type { ApiClient } from '../../kubernetes/client.ts';
import { SCHEMA_VERSION } from '../../policy/schema/allowlist.ts';
import { errorMessage } from '../../text/printable.ts';

/** The annotation of the CustomResourceDefinition with the version of the schema that it was generated from. */
export const SCHEMA_VERSION_ANNOTATION = 'eci-ram-role.io/schema-version';

const CRD_PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ramroleallowlists.eci-ram-role.io';

const INTERVAL_MS = 300_000;

/** The check of the CustomResourceDefinition. */
export type CrdCheck = Readonly<{
  /** Notes for an operator; empty if there is nothing to do. */
  notes: () => readonly string[];
  close: () => void;
}>;

/** Compares the cluster's CustomResourceDefinition with our schema every few minutes, and logs if it is older. */
export function startCrdCheck(
  client: ApiClient,
  onChecked: (isOutdated: boolean) => void,
  logger: Logger,
): CrdCheck {
  let note = '';
  const timer = setInterval(() => void check(), INTERVAL_MS).unref();
  void check();

  async function check(): Promise<void> {
    try {
      const version = await readCrdVersion(client);
      report(
        version < SCHEMA_VERSION
          ? `the CustomResourceDefinition of RamRoleAllowlist has schema version ${version}, this server ${SCHEMA_VERSION}: apply the one of the chart (kubectl apply --server-side -f crds/)`
          : '',
      );
      onChecked(version < SCHEMA_VERSION);
    } catch (error) {
      // The API server's text is for the log: anyone who reaches the probe port reads the notes.
      report(
        'the CustomResourceDefinition of RamRoleAllowlist cannot be read; see the log',
        errorMessage(error),
      );
    }
  }

  function report(next: string, problem?: string): void {
    if (next !== '' && next !== note) {
      logger.warn({ problem }, next);
    }
    note = next;
  }

  return { notes: () => (note === '' ? [] : [note]), close: () => clearInterval(timer) };
}

/**
 * Reads the version of the schema that the cluster's CustomResourceDefinition was generated from; 0 if it has none.
 * Helm never upgrades a CRD, and an older one silently drops fields that it does not know.
 *
 * @throws {ApiError} if there is no CRD, or we may not read it
 */
async function readCrdVersion(client: ApiClient): Promise<number> {
  const { metadata } = asObject(await client.call({ path: CRD_PATH }));
  const { annotations } = asObject(metadata);
  return Number(asObject(annotations)[SCHEMA_VERSION_ANNOTATION] ?? 0);
}
