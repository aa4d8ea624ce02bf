import type { Decision } from '../../src/admission/decision.ts';
import { type AdmissionRequest, parseReview } from '../../src/admission/review.ts';
import { decideWorkload, type WorkloadFacts } from '../../src/admission/workloads/decide.ts';
import { parseWorkloadChange } from '../../src/admission/workloads/read.ts';
import type { Policy } from '../../src/policy/policy.ts';

export const ROLE_KEY = 'k8s.aliyun.com/eci-ram-role-name';

/** The resources of the kinds in these tests: the built-in ones, and two custom kinds. */
export const RESOURCES = {
  Deployment: { group: 'apps', resource: 'deployments' },
  StatefulSet: { group: 'apps', resource: 'statefulsets' },
  DaemonSet: { group: 'apps', resource: 'daemonsets' },
  ReplicaSet: { group: 'apps', resource: 'replicasets' },
  ReplicationController: { group: '', resource: 'replicationcontrollers' },
  Job: { group: 'batch', resource: 'jobs' },
  CronJob: { group: 'batch', resource: 'cronjobs' },
  CloneSet: { group: 'apps.kruise.io', resource: 'clonesets' },
  Workflow: { group: 'argoproj.io', resource: 'workflows' },
  ServiceAccount: { group: '', resource: 'serviceaccounts' },
  Namespace: { group: '', resource: 'namespaces' },
} as const;

export type KindOfWorkload = keyof typeof RESOURCES;

/** A pod template that names a role, or none. */
export function templateOf(role: string | undefined, { labels = {}, annotations = {}, spec = {} } = {}) {
  return {
    metadata: { labels, annotations: { ...annotations, ...(role !== undefined && { [ROLE_KEY]: role }) } },
    spec: { containers: [{ name: 'c', image: 'a' }], ...spec },
  };
}

/** A workload with this pod template. */
export function workloadOf(kind: KindOfWorkload, template: unknown, metadata: object = {}) {
  const spec = { template };
  return {
    kind,
    metadata: { name: 'web', ...metadata },
    spec: kind === 'CronJob' ? { jobTemplate: { spec } } : { replicas: 1, ...spec },
  };
}

/** The request that creates an object, or updates it where there is an old one, in `payments`. */
export function requestOf(
  kind: KindOfWorkload,
  object: unknown,
  oldObject?: unknown,
  changed: object = {},
): AdmissionRequest {
  return parseReview({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid',
      namespace: 'payments',
      operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
      name: 'web',
      resource: { ...RESOURCES[kind], version: 'v1' },
      kind: { ...RESOURCES[kind], kind },
      object,
      oldObject: oldObject ?? null,
      ...changed,
    },
  });
}

/** Decides a request by this policy, at the start of 1970; undefined if the request is not for the room to decide. */
export function decideRequest(
  request: AdmissionRequest,
  policy: Policy,
  facts: Partial<WorkloadFacts> = {},
): Decision | undefined {
  const change = parseWorkloadChange(request);
  return (
    change &&
    decideWorkload(change, {
      ...{ policy, action: 'Warn', isMutated: true, now: 0, labels: new Map() },
      ...facts,
    })
  );
}
