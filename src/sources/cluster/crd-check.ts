import type { Logger } from 'pino';
import type { ApiClient } from '../../kubernetes/client.ts';
import { readCrdVersion } from '../../kubernetes/resources.ts';
import { SCHEMA_VERSION } from '../../policy/schema/allowlist.ts';
import { errorMessage } from '../../text/printable.ts';

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
