import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ApiClient } from '../api-client.ts';
import type { Pod } from '../kubernetes-objects.ts';
import type { Container, Volume } from '../pod-spec.ts';
import type { PodInputs } from './container-environment.ts';
import type { Mount } from './container-root.ts';
import { setOwner } from './set-owner.ts';
import { resolveVolumeFiles, type TokenSource } from './volume-files.ts';
import { type VolumeFiles, writeAtomically } from './write-atomically.ts';

export type PodVolumes = {
  /** Brings every volume up to date; rejects when one of them cannot be, after the others were. */
  refresh(): Promise<void>;
  /** Where a container sees the volumes; throws on a mount of a volume that the pod does not have. */
  mountsOf(container: Container): Mount[];
  /** Resolves when nothing is written any more, so that the directory can be removed. */
  close(): Promise<void>;
};

/** Creates the volumes of a pod below a directory; they are empty until the first refresh. */
export function createPodVolumes(directory: string, inputs: () => PodInputs, client: ApiClient): PodVolumes {
  const written = new Map<string, VolumeFiles>();
  const getToken = createTokenSource(client, inputs().pod);
  const volumes = inputs().pod.spec.volumes ?? [];
  let queue: Promise<void> = Promise.resolve();
  let closed = false;

  async function refreshOne(volume: Volume): Promise<void> {
    const path = join(directory, volume.name);
    const files = await resolveVolumeFiles(volume, inputs(), getToken);
    if (closed) {
      return;
    }
    if (files === undefined) {
      makeEmptyDirectory(path, inputs().pod.spec.securityContext?.fsGroup);
    } else if (!isDeepStrictEqual(files, written.get(volume.name))) {
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o755);
      writeAtomically(path, files);
      written.set(volume.name, files);
    }
  }

  async function refreshAll(): Promise<void> {
    const results = await Promise.allSettled(volumes.map(refreshOne));
    for (const result of results) {
      if (result.status === 'rejected') {
        throw result.reason;
      }
    }
  }

  return {
    refresh() {
      // One at a time, else an older content could overwrite a newer one.
      const done = queue.then(() => (closed ? undefined : refreshAll()));
      queue = done.catch(() => undefined);
      return done;
    },
    mountsOf(container) {
      return (container.volumeMounts ?? []).map(({ name, mountPath, readOnly = false, subPath = '' }) => {
        const volume = volumes.find((one) => one.name === name);
        if (volume === undefined) {
          throw new Error(`container ${container.name} mounts volume ${name}, which the pod does not have`);
        }
        const source = join(directory, name, subPath);
        return { source, target: mountPath, readOnly: readOnly || volume.emptyDir === undefined };
      });
    },
    async close() {
      closed = true;
      await queue;
    },
  };
}

function makeEmptyDirectory(path: string, group: number | undefined): void {
  if (mkdirSync(path, { recursive: true }) !== undefined) {
    setOwner(path, undefined, group);
    chmodSync(path, group === undefined ? 0o777 : 0o2777);
  }
}

type TokenRequest = { status: { token: string; expirationTimestamp: string } };

/** Tokens bound to the pod, asked for again at four fifths of their lifetime. */
function createTokenSource(client: ApiClient, pod: Pod): TokenSource {
  const { name, namespace, uid } = pod.metadata;
  const account = pod.spec.serviceAccountName ?? 'default';
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const tokens = new Map<string, { token: string; renewAt: number }>();
  return async (audience, expirationSeconds) => {
    const key = `${audience ?? ''} ${expirationSeconds}`;
    const known = tokens.get(key);
    if (known !== undefined && Date.now() < known.renewAt) {
      return known.token;
    }
    const { status } = await client.send<TokenRequest>('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        ...(audience === undefined ? {} : { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    });
    const lifetime = Date.parse(status.expirationTimestamp) - Date.now();
    tokens.set(key, { token: status.token, renewAt: Date.now() + lifetime * 0.8 });
    return status.token;
  };
}
