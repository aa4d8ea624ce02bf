import { type KubernetesObject } from './api-client.ts';

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

export type PodSpec = {
  nodeName?: string;
  serviceAccountName?: string;
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  terminationGracePeriodSeconds?: number;
  securityContext?: { runAsUser?: number; runAsGroup?: number; fsGroup?: number };
  readinessGates?: { conditionType: string }[];
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
};

export type Container = {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  env?: EnvVar[];
  envFrom?: { prefix?: string; configMapRef?: ObjectReference; secretRef?: ObjectReference }[];
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  securityContext?: { runAsUser?: number; runAsGroup?: number; readOnlyRootFilesystem?: boolean };
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop?: Action & { sleep?: { seconds: number } } };
};

/** A reference by name; a missing object is an error unless optional. */
export type ObjectReference = { name: string; optional?: boolean };
export type KeyReference = ObjectReference & { key: string };

export type EnvVar = {
  name: string;
  value?: string;
  valueFrom?: {
    fieldRef?: { fieldPath: string };
    resourceFieldRef?: ResourceFieldReference;
    secretKeyRef?: KeyReference;
    configMapKeyRef?: KeyReference;
  };
};
export type ResourceFieldReference = { containerName?: string; resource: string; divisor?: string };

export type Action = {
  httpGet?: {
    path?: string;
    port: number | string;
    host?: string;
    scheme?: string;
    httpHeaders?: { name: string; value: string }[];
  };
  tcpSocket?: { port: number | string; host?: string };
  exec?: { command: string[] };
};

export type Probe = Action & {
  initialDelaySeconds?: number;
  periodSeconds?: number;
  timeoutSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
};

export type KeyToPath = { key: string; path: string; mode?: number };
export type DownwardFile = {
  path: string;
  mode?: number;
  fieldRef?: { fieldPath: string };
  resourceFieldRef?: ResourceFieldReference;
};
export type ProjectedSource = {
  secret?: ObjectReference & { items?: KeyToPath[] };
  configMap?: ObjectReference & { items?: KeyToPath[] };
  downwardAPI?: { items?: DownwardFile[] };
  serviceAccountToken?: { path: string; audience?: string; expirationSeconds?: number };
};
export type Volume = {
  name: string;
  emptyDir?: object;
  secret?: { secretName: string; optional?: boolean; items?: KeyToPath[]; defaultMode?: number };
  configMap?: ObjectReference & { items?: KeyToPath[]; defaultMode?: number };
  downwardAPI?: { items?: DownwardFile[]; defaultMode?: number };
  projected?: { sources?: ProjectedSource[]; defaultMode?: number };
};

export type PodCondition = {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
};

export type ContainerState = {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: {
    exitCode: number;
    signal?: number;
    reason: string;
    startedAt?: string;
    finishedAt: string;
  };
};

export type ContainerStatus = {
  name: string;
  image: string;
  imageID: string;
  containerID?: string;
  ready: boolean;
  started: boolean;
  restartCount: number;
  state: ContainerState;
  lastState: ContainerState;
};

export type PodStatus = {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  observedGeneration?: number;
  podIP?: string;
  podIPs?: { ip: string }[];
  hostIP?: string;
  hostIPs?: { ip: string }[];
  startTime?: string;
  conditions?: PodCondition[];
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
};

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
