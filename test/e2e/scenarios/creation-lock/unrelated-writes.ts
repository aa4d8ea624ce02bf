import { patchPod, putPod, type WriteResult } from '../support/pod-writes.ts';
import type { Tenant } from '../support/tenant.ts';
import { debugContainer, resized } from './pod-parts.ts';

/** A write of a pod that leaves the role as it is. */
export type UnrelatedWrite = Readonly<{
  what: string;
  /** The subresource that it writes to, where not every API server has it. */
  subresource?: 'pods/resize';
  write: (tenant: Tenant, pod: string) => Promise<WriteResult>;
}>;

const patch = (
  { kubectl }: Tenant,
  pod: string,
  type: string,
  change: unknown,
  ...flags: readonly string[]
) => kubectl(['patch', 'pod', pod, `--type=${type}`, ...flags, '-p', JSON.stringify(change)]);

/** What goes on with a pod in its life, in an order in which it can. */
export const UNRELATED_WRITES: readonly UnrelatedWrite[] = [
  {
    what: 'the annotation that a virtual kubelet writes',
    write: ({ kubectl }, pod) => kubectl(['annotate', `pod/${pod}`, 'k8s.aliyun.com/eci-instance-id=eci-1']),
  },
  {
    what: 'the same by way of the status',
    write: (tenant, pod) => {
      const metadata = { annotations: { 'k8s.aliyun.com/eci-instance-id': 'eci-2' } };
      return patch(tenant, pod, 'merge', { metadata }, '--subresource=status');
    },
  },
  { what: 'a label', write: ({ kubectl }, pod) => kubectl(['label', `pod/${pod}`, 'tier=backend']) },
  {
    what: 'a finalizer that comes',
    write: (tenant, pod) => patch(tenant, pod, 'merge', { metadata: { finalizers: ['example.com/x'] } }),
  },
  {
    what: 'a finalizer that goes',
    write: (tenant, pod) => patch(tenant, pod, 'json', [{ op: 'remove', path: '/metadata/finalizers' }]),
  },
  {
    what: 'a patch of the status',
    write: (tenant, pod) => patchPod(tenant, pod, '/status', { status: { message: 'fine' } }),
  },
  {
    what: "a PUT of the status with a node's whole copy of the pod",
    write: (tenant, pod) =>
      putPod(tenant, pod, '/status', (read) => ({ ...read, status: { ...read.status, reason: 'Fine' } })),
  },
  {
    what: 'an ephemeral container',
    write: (tenant, pod) =>
      patchPod(tenant, pod, '/ephemeralcontainers', { spec: debugContainer('debugger') }),
  },
  {
    what: 'other resources',
    subresource: 'pods/resize',
    write: (tenant, pod) => patchPod(tenant, pod, '/resize', { spec: resized('500m') }),
  },
];
