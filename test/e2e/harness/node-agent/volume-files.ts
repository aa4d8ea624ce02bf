import type { ConfigMap, Secret } from '../kubernetes-objects.ts';
import type { DownwardFile, KeyToPath, ProjectedSource, Volume } from '../pod-spec.ts';
import { type PodInputs, required } from './container-environment.ts';
import { resolveDownwardFile } from './field-reference.ts';
import type { VolumeFiles } from './write-atomically.ts';

/** Yields a ServiceAccount token that is valid now. */
export type TokenSource = (audience: string | undefined, expirationSeconds: number) => Promise<string>;

const defaultTokenSeconds = 3600;

/**
 * What a volume holds now, or undefined for an emptyDir. Throws when something that it refers to and needs does not
 * exist, and for a kind of volume that the node agent does not know.
 */
export async function resolveVolumeFiles(
  volume: Volume,
  inputs: PodInputs,
  getToken: TokenSource,
): Promise<VolumeFiles | undefined> {
  const files: VolumeFiles = new Map();
  const mode = (volume.secret ?? volume.configMap ?? volume.downwardAPI ?? volume.projected)?.defaultMode;
  if (volume.emptyDir !== undefined) {
    return undefined;
  }
  for (const source of sourcesOf(volume)) {
    if (source.secret !== undefined) {
      const secret = required(source.secret, 'Secret', inputs.getSecret(source.secret.name));
      addKeys(files, bytesOfSecret(secret), source.secret, mode);
    }
    if (source.configMap !== undefined) {
      const configMap = required(source.configMap, 'ConfigMap', inputs.getConfigMap(source.configMap.name));
      addKeys(files, bytesOfConfigMap(configMap), source.configMap, mode);
    }
    for (const file of source.downwardAPI?.items ?? []) {
      addDownwardFile(files, file, inputs, mode);
    }
    if (source.serviceAccountToken !== undefined) {
      const { path, audience, expirationSeconds = defaultTokenSeconds } = source.serviceAccountToken;
      const token = await getToken(audience, expirationSeconds);
      files.set(path, tokenFile(token, inputs, mode));
    }
  }
  const group = inputs.pod.spec.securityContext?.fsGroup;
  if (group !== undefined) {
    for (const file of files.values()) {
      file.group = group;
      file.mode |= 0o440;
    }
  }
  return files;
}

function sourcesOf(volume: Volume): ProjectedSource[] {
  if (volume.secret !== undefined) {
    return [{ secret: { ...volume.secret, name: volume.secret.secretName } }];
  }
  if (volume.configMap !== undefined) {
    return [{ configMap: volume.configMap }];
  }
  if (volume.downwardAPI !== undefined) {
    return [{ downwardAPI: volume.downwardAPI }];
  }
  if (volume.projected !== undefined) {
    return volume.projected.sources ?? [];
  }
  throw new Error(`volume ${volume.name} is of a kind that the node agent does not know`);
}

function addKeys(
  files: VolumeFiles,
  data: Map<string, Buffer>,
  reference: { name: string; optional?: boolean; items?: KeyToPath[] },
  mode = 0o644,
): void {
  const items: KeyToPath[] = reference.items ?? [...data.keys()].map((key) => ({ key, path: key }));
  for (const item of items) {
    const content = required(reference, `key ${item.key} of`, data.get(item.key));
    if (content !== undefined) {
      files.set(item.path, { content, mode: item.mode ?? mode });
    }
  }
}

function addDownwardFile(files: VolumeFiles, file: DownwardFile, inputs: PodInputs, mode = 0o644): void {
  const content = Buffer.from(resolveDownwardFile(file, inputs.pod, inputs));
  files.set(file.path, { content, mode: file.mode ?? mode });
}

/** As the kubelet has it: private to the pod's user or group where one is named. */
function tokenFile(token: string, { pod }: PodInputs, mode = 0o644) {
  const { runAsUser, fsGroup } = pod.spec.securityContext ?? {};
  const users = new Set(
    pod.spec.containers.map((container) => container.securityContext?.runAsUser ?? runAsUser),
  );
  const [user] = users;
  const content = Buffer.from(token);
  if (users.size === 1 && user !== undefined) {
    return { content, mode: 0o600, user };
  }
  return { content, mode: fsGroup === undefined ? mode : 0o600 };
}

function bytesOfSecret(secret: Secret | undefined): Map<string, Buffer> {
  return decodeAll(secret?.data, 'base64');
}

function bytesOfConfigMap(configMap: ConfigMap | undefined): Map<string, Buffer> {
  return new Map([...decodeAll(configMap?.data, 'utf8'), ...decodeAll(configMap?.binaryData, 'base64')]);
}

function decodeAll(data: Record<string, string> = {}, encoding: 'utf8' | 'base64'): Map<string, Buffer> {
  return new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)]));
}
