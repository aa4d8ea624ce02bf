import { ROLE_ANNOTATION } from '../support/manifests.ts';
import { patchPod, putPod, type WriteResult, withRole } from '../support/pod-writes.ts';
import type { Tenant } from '../support/tenant.ts';
import { debugContainer, resized } from './pod-parts.ts';

/** A value to write; null takes the annotation away. */
export type Value = string | null;
export const ANY_VALUE: readonly Value[] = ['writer', '', null];

/** A way to write the annotation of a pod that exists. */
export type Road = Readonly<{
  road: string;
  /** What can be written so; anything where left out. */
  values?: readonly Value[];
  /** The subresource that it writes to, where not every API server has it. */
  subresource?: 'pods/resize';
  write: (tenant: Tenant, pod: string, value: Value) => Promise<WriteResult>;
}>;

const ROLE_PATH = `/metadata/annotations/${ROLE_ANNOTATION.replaceAll('/', '~1')}`;

/** The metadata of an object that carries a value. */
export const carrying = (value: Value) => ({ annotations: { [ROLE_ANNOTATION]: value } });

/** A merge patch that writes a value, as kubectl takes it. */
export const mergePatchOf = (value: Value) => JSON.stringify({ metadata: carrying(value) });

const jsonPatchOf = (value: Value) =>
  JSON.stringify([
    value === null ? { op: 'remove', path: ROLE_PATH } : { op: 'add', path: ROLE_PATH, value },
  ]);

/** These reach the pod itself. */
export const POD_ROADS: readonly Road[] = [
  {
    road: 'kubectl annotate',
    write: ({ kubectl }, pod, value) => {
      const change = value === null ? `${ROLE_ANNOTATION}-` : `${ROLE_ANNOTATION}=${value}`;
      return kubectl(['annotate', '--overwrite', `pod/${pod}`, change]);
    },
  },
  {
    road: 'kubectl patch --type=merge',
    write: ({ kubectl }, pod, value) =>
      kubectl(['patch', 'pod', pod, '--type=merge', '-p', mergePatchOf(value)]),
  },
  {
    road: 'kubectl patch --type=json',
    write: ({ kubectl }, pod, value) =>
      kubectl(['patch', 'pod', pod, '--type=json', '-p', jsonPatchOf(value)]),
  },
  {
    road: 'kubectl patch --type=strategic',
    write: ({ kubectl }, pod, value) =>
      kubectl(['patch', 'pod', pod, '--type=strategic', '-p', mergePatchOf(value)]),
  },
  {
    road: 'kubectl replace',
    write: async ({ kubectl, readPod }, pod, value) =>
      kubectl(['replace', '-f', '-'], withRole(await readPod(pod), value)),
  },
  {
    road: 'kubectl apply of a pod that exists',
    write: async ({ kubectl, readPod }, pod, value) =>
      kubectl(['apply', '-f', '-'], withRole(await readPod(pod), value)),
  },
  {
    road: 'kubectl apply --server-side of a pod that exists',
    // What is left out is taken away only from the manager that has set it.
    values: ['writer', ''],
    write: ({ kubectl }, pod, value) =>
      kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: pod, ...carrying(value) } },
      }),
  },
];

/** These reach it by way of its status. */
export const STATUS_ROADS: readonly Road[] = [
  {
    road: 'kubectl patch --subresource=status',
    write: ({ kubectl }, pod, value) =>
      kubectl(['patch', 'pod', pod, '--subresource=status', '--type=merge', '-p', mergePatchOf(value)]),
  },
  {
    road: 'kubectl replace --subresource=status',
    write: async ({ kubectl, readPod }, pod, value) =>
      kubectl(['replace', '--subresource=status', '-f', '-'], withRole(await readPod(pod), value)),
  },
];

/** Of these the API server takes the spec alone, so that the write passes and the annotation stays. */
export const IGNORED_ROADS: readonly Road[] = [
  {
    road: 'PATCH of pods/ephemeralcontainers',
    write: (tenant, pod, value) =>
      patchPod(tenant, pod, '/ephemeralcontainers', {
        metadata: carrying(value),
        spec: debugContainer(`patched-${value || 'empty'}`),
      }),
  },
  {
    road: 'PUT of pods/ephemeralcontainers',
    write: (tenant, pod, value) =>
      putPod(tenant, pod, '/ephemeralcontainers', (read) => withRole(read, value)),
  },
  {
    road: 'PATCH of pods/resize',
    subresource: 'pods/resize',
    write: (tenant, pod, value) =>
      patchPod(tenant, pod, '/resize', { metadata: carrying(value), spec: resized('2') }),
  },
  {
    road: 'PUT of pods/resize',
    subresource: 'pods/resize',
    write: (tenant, pod, value) => putPod(tenant, pod, '/resize', (read) => withRole(read, value)),
  },
];
