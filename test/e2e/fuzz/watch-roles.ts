import type { ApiClient } from '../harness/api-client.ts';
import type { Pod } from '../harness/kubernetes-objects.ts';
import { ROLE_ANNOTATION } from '../scenarios/support/manifests.ts';

/** The roles that one pod was ever stored with, in order, each once in a row; empty for none. */
export type RoleHistory = Readonly<{ namespace: string; name: string; roles: readonly string[] }>;

export type RoleWatch = Readonly<{
  /** By the pod's uid. */
  histories: ReadonlyMap<string, RoleHistory>;
  stop: () => Promise<void>;
}>;

type WatchEvent = { type: string; object: Pod };

/** Watches every pod of the cluster, and keeps what role it was ever stored with. */
export async function watchRoles(client: ApiClient): Promise<RoleWatch> {
  const histories = new Map<string, RoleHistory>();
  const stopping = new AbortController();
  const { metadata } = await client.send<{ metadata: { resourceVersion: string } }>('GET', '/api/v1/pods');
  const query = new URLSearchParams({ watch: 'true', resourceVersion: metadata.resourceVersion });
  const watching = client
    .stream(`/api/v1/pods?${query}`, record, stopping.signal)
    .then(() => assertStopped(new Error('the API server ended the watch')), assertStopped);
  // Awaited in stop().
  watching.catch(() => undefined);

  function record(line: string): void {
    const { type, object }: WatchEvent = JSON.parse(line);
    if (type === 'ERROR') {
      throw new Error(line);
    }
    const { uid, namespace = '', name, annotations = {} } = object.metadata;
    const role = annotations[ROLE_ANNOTATION] ?? '';
    const roles = histories.get(uid)?.roles ?? [];
    if (roles.at(-1) !== role) {
      histories.set(uid, { namespace, name, roles: [...roles, role] });
    }
  }

  function assertStopped(error: unknown): void {
    if (!stopping.signal.aborted) {
      throw error;
    }
  }

  return {
    histories,
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
