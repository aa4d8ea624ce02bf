import { asObject, asString, type JsonObject } from '../../json/json.ts';
import { isAllowlist, otherKind } from '../../sources/files/objects.ts';
import { MAX_TYPOS, nearest } from '../../text/edit-distance.ts';
import { quoted } from '../../text/printable.ts';
import type { Problem } from '../../text/problem.ts';
import type { Manifest } from '../manifests/objects.ts';

/** How an object is checked: by the pods that it creates, as an injector, as an allowlist; or not at all. */
export type CheckedAs =
  | 'pod'
  | 'workload'
  | 'custom-kind'
  | 'injector'
  | 'allowlist'
  | 'namespace'
  | 'nothing';

/** The resource of an object, by which the API server selects webhooks. */
export type Resource = Readonly<{ group: string; resource: string }>;

const BUILT_IN: ReadonlyMap<string, CheckedAs> = new Map([
  ['v1/Pod', 'pod'],
  ['v1/Namespace', 'namespace'],
  ['v1/ReplicationController', 'workload'],
  ['apps/v1/Deployment', 'workload'],
  ['apps/v1/StatefulSet', 'workload'],
  ['apps/v1/DaemonSet', 'workload'],
  ['apps/v1/ReplicaSet', 'workload'],
  ['batch/v1/Job', 'workload'],
  ['batch/v1/CronJob', 'workload'],
]);

const BUILT_IN_KINDS = [...BUILT_IN.keys()].map((type) => type.slice(type.lastIndexOf('/') + 1));
const BUILT_IN_GROUPS = ['', 'apps', 'batch'];

/** Finds how an object is checked. A custom kind that begins with `Cluster` is cluster-scoped: its pods may be anywhere. */
export function checkedAs({ apiVersion, group, kind, namespace, name }: Manifest): CheckedAs {
  const builtIn = BUILT_IN.get(`${apiVersion}/${kind}`);
  if (builtIn !== undefined) {
    return builtIn;
  }
  if (isAllowlist(apiVersion, kind)) {
    return 'allowlist';
  }
  const isProfile = apiVersion === 'v1' && kind === 'ConfigMap' && name === 'eci-profile';
  if ((isProfile && namespace === 'kube-system') || (group === 'eci.aliyun.com' && kind === 'Selector')) {
    return 'injector';
  }
  const isCustom = !BUILT_IN_GROUPS.includes(group) && group.includes('.');
  return isCustom && !(namespace === '' && kind.startsWith('Cluster')) ? 'custom-kind' : 'nothing';
}

/** The problem of an object whose kind is probably mistyped; undefined if it is not. */
export function findMistypedKind({ apiVersion, group, kind }: Manifest): Problem | undefined {
  const isBuiltIn = BUILT_IN_GROUPS.includes(group) && !BUILT_IN.has(`${apiVersion}/${kind}`);
  const meant = isBuiltIn ? nearestKind(kind) : undefined;
  if (meant !== undefined) {
    const right = [...BUILT_IN.keys()].find((type) => type.endsWith(`/${meant}`)) ?? '';
    const expected = meant === kind ? right.slice(0, right.lastIndexOf('/')) : meant;
    const path = meant === kind ? ['apiVersion'] : ['kind'];
    return { path, expected, found: quoted(meant === kind ? apiVersion : kind) };
  }
  return otherKind(apiVersion, kind) === undefined && !isAllowlist(apiVersion, kind)
    ? { path: ['kind'], expected: 'a kind of eci-ram-role.io, such as RamRoleAllowlist', found: quoted(kind) }
    : undefined;
}

function nearestKind(kind: string): string | undefined {
  const lower = kind.toLowerCase();
  const index = BUILT_IN_KINDS.findIndex((known) => known.toLowerCase() === lower);
  return BUILT_IN_KINDS[index] ?? (kind.length > 5 ? nearest(kind, BUILT_IN_KINDS, MAX_TYPOS) : undefined);
}

/** The resource of a kind, in the plural that Kubernetes guesses. */
export function toResource({ group, kind }: Pick<Manifest, 'group' | 'kind'>): Resource {
  const name = kind.toLowerCase();
  if (name.endsWith('s') || name.endsWith('x') || name.endsWith('ch')) {
    return { group, resource: `${name}es` };
  }
  return { group, resource: name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s` };
}

/**
 * The spec of pods as the API server passes it on: a ServiceAccount that only the deprecated field names stands in the
 * other field too.
 */
export function withServiceAccountName(pod: JsonObject): JsonObject {
  const spec = asObject(pod['spec']);
  const alias = asString(spec['serviceAccount']);
  return asString(spec['serviceAccountName']) === '' && alias !== ''
    ? { ...pod, spec: { ...spec, serviceAccountName: alias } }
    : pod;
}
