import type { Pod } from '../kubernetes-objects.ts';
import type { Container, DownwardFile, ResourceFieldReference } from '../pod-spec.ts';

/** The node and the addresses of a pod, which its spec does not hold. */
export type Placement = { nodeName: string; nodeAddress: string; podAddress: string };

/** The value of a downward API field; throws on one that does not exist. */
export function resolveField(fieldPath: string, pod: Pod, placement: Placement): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (key !== undefined) {
    return pod.metadata[map === 'labels' ? 'labels' : 'annotations']?.[key] ?? '';
  }
  switch (fieldPath) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return formatMap(pod.metadata.labels);
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations);
    case 'spec.nodeName':
      return placement.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
    case 'status.hostIPs':
      return placement.nodeAddress;
    case 'status.podIP':
    case 'status.podIPs':
      return placement.podAddress;
    default:
      throw new Error(`the downward API has no field ${fieldPath}`);
  }
}

/** The value of a container's resource in units of the divisor, rounded up; 0 when it is not set. */
export function resolveResource(reference: ResourceFieldReference, containers: Container[]): string {
  const container = containers.find(({ name }) => name === reference.containerName) ?? containers[0];
  const [kind = '', name = ''] = reference.resource.split('.');
  const amounts = kind === 'limits' ? container?.resources?.limits : container?.resources?.requests;
  const divisor = parseQuantity(reference.divisor ?? '1') || 1;
  return String(Math.ceil(parseQuantity(amounts?.[name] ?? '0') / divisor));
}

/** The content of a file of a downward API volume. */
export function resolveDownwardFile(file: DownwardFile, pod: Pod, placement: Placement): string {
  if (file.fieldRef !== undefined) {
    return resolveField(file.fieldRef.fieldPath, pod, placement);
  }
  return file.resourceFieldRef === undefined
    ? ''
    : resolveResource(file.resourceFieldRef, pod.spec.containers);
}

const factors: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

function parseQuantity(text: string): number {
  const [, amount = '', unit = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(amount) * (factors[unit] ?? Number.NaN);
}

function formatMap(map: Record<string, string> = {}): string {
  return Object.entries(map)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
    .join('\n');
}
