// The fields of a pod's spec that the harness reads, named and typed as in the Kubernetes API reference.

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
