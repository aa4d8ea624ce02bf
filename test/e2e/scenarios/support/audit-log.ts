import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
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

/** What has been read of each log, by its path: logs grow to megabytes, and scenarios look into them again and again. */
const logs = new Map<string, { bytes: number; events: AuditEvent[] }>();

/** Every entry of this scenario so far, oldest first. */
export function readAuditLog({
  controlPlane,
  earlier,
}: Pick<WebhookCluster, 'controlPlane' | 'earlier'>): readonly AuditEvent[] {
  const path = join(controlPlane.logsDirectory, 'audit.log');
  const log = logs.get(path) ?? { bytes: 0, events: [] };
  logs.set(path, log);
  const added = readFrom(path, log.bytes);
  // What stands behind the last line feed is still being written.
  const whole = added.subarray(0, added.lastIndexOf('\n') + 1);
  const lines = whole.toString().split('\n').slice(0, -1);
  log.bytes += whole.length;
  log.events.push(...lines.map((line): AuditEvent => JSON.parse(line)));
  return log.events.slice(earlier?.auditEvents ?? 0);
}

function readFrom(path: string, position: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(fstatSync(file).size - position);
    return buffer.subarray(0, readSync(file, buffer, { position }));
  } finally {
    closeSync(file);
  }
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
