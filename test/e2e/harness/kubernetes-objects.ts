import type { KubernetesObject } from './api-client.ts';
import type { Container, PodSpec } from './pod-spec.ts';
import type { PodStatus } from './pod-status.ts';

// The fields that the harness reads, named and typed as in the Kubernetes API reference.

export type ConfigMap = KubernetesObject & {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
};

/** `data` is base64. */
export type Secret = KubernetesObject & { data?: Record<string, string> };

export type Service = KubernetesObject & {
  spec: {
    type?: string;
    clusterIP?: string;
    selector?: Record<string, string>;
    publishNotReadyAddresses?: boolean;
    ports?: { name?: string; port: number; protocol?: string; targetPort?: number | string }[];
  };
};

export type Pod = KubernetesObject & { spec: PodSpec; status?: PodStatus };

/** Resolves a port that may be named in the containers; throws when no container has that name. */
export function resolvePort(port: number | string, containers: readonly Container[]): number {
  if (typeof port === 'number') {
    return port;
  }
  for (const container of containers) {
    const named = container.ports?.find(({ name }) => name === port);
    if (named !== undefined) {
      return named.containerPort;
    }
  }
  throw new Error(`no container has a port named ${port}`);
}

/** Whether the pod's Ready condition is true. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
