import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../harness/wait-for.ts';
import type { WebhookCluster } from './webhook-cluster.ts';

/** An entry of the API server's audit log, as far as scenarios read it. */
export type AuditEvent = Readonly<{
  auditID: string;
  verb: string;
  user: Readonly<{ username: string }>;
  objectRef?: Readonly<{ resource: string; subresource?: string; namespace?: string; name?: string }>;
  responseStatus?: Readonly<{ code: number }>;
  annotations?: Readonly<Record<string, string>>;
}>;

const OURS = /^(?:mutate|validate)-pods\.eci-ram-role\.io\//;

/** Every entry of this scenario so far, oldest first. */
export function readAuditLog({ controlPlane }: Pick<WebhookCluster, 'controlPlane'>): readonly AuditEvent[] {
  const lines = readFileSync(join(controlPlane.logsDirectory, 'audit.log'), 'utf8').split('\n');
  // What stands behind the last line feed is still being written.
  return lines.slice(0, -1).map((line): AuditEvent => JSON.parse(line));
}

/** What our webhooks wrote into the audit log about the creation of a pod, by `webhook/key`. */
export async function auditOfPod(
  cluster: WebhookCluster,
  namespace: string,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const { annotations = {} } = await waitFor(`the audit event of pod ${name}`, () =>
    readAuditLog(cluster).find(
      ({ verb, objectRef }) =>
        verb === 'create' &&
        objectRef?.resource === 'pods' &&
        objectRef.subresource === undefined &&
        objectRef.namespace === namespace &&
        objectRef.name === name,
    ),
  );
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => OURS.test(key)));
}
