import type { ConfigMap, Pod, Secret } from '../kubernetes-objects.ts';
import type { Container, EnvVar } from '../pod-spec.ts';
import { type Placement, resolveField, resolveResource } from './field-reference.ts';

/** What a pod's volumes and environment are made of. */
export type PodInputs = Placement & {
  pod: Pod;
  getSecret(name: string): Secret | undefined;
  getConfigMap(name: string): ConfigMap | undefined;
  /** Where the API server is, for programs that use their in-cluster configuration. */
  kubernetesService: { host: string; port: number };
};

/** The environment of a container's process, later ones winning; throws when something it refers to does not exist. */
export function resolveEnvironment(
  container: Container,
  image: Record<string, string>,
  inputs: PodInputs,
): Record<string, string> {
  const { host, port } = inputs.kubernetesService;
  const environment: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/',
    HOSTNAME: inputs.pod.metadata.name,
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: String(port),
    KUBERNETES_SERVICE_PORT_HTTPS: String(port),
    ...image,
  };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const config =
      configMapRef && required(configMapRef, 'ConfigMap', inputs.getConfigMap(configMapRef.name));
    const secret = secretRef && required(secretRef, 'Secret', inputs.getSecret(secretRef.name));
    for (const [key, value] of Object.entries(config?.data ?? {})) {
      environment[`${prefix}${key}`] = value;
    }
    for (const [key, value] of Object.entries(secret?.data ?? {})) {
      environment[`${prefix}${key}`] = decode(value);
    }
  }
  for (const variable of container.env ?? []) {
    const value = resolveVariable(variable, container, inputs);
    if (value !== undefined) {
      environment[variable.name] = variable.value === undefined ? value : expand(value, environment);
    }
  }
  return environment;
}

/** Replaces `$(NAME)` by the variable's value where it is set; `$$` stands for one dollar sign. */
export function expand(text: string, environment: Record<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) =>
    name === undefined ? '$' : (environment[name] ?? match),
  );
}

function resolveVariable(variable: EnvVar, container: Container, inputs: PodInputs): string | undefined {
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = variable.valueFrom ?? {};
  if (fieldRef !== undefined) {
    return resolveField(fieldRef.fieldPath, inputs.pod, inputs);
  }
  if (resourceFieldRef !== undefined) {
    return resolveResource(resourceFieldRef, [container]);
  }
  if (secretKeyRef !== undefined) {
    const data = required(secretKeyRef, 'Secret', inputs.getSecret(secretKeyRef.name))?.data;
    const value = required(secretKeyRef, `key ${secretKeyRef.key} of Secret`, data?.[secretKeyRef.key]);
    return value === undefined ? undefined : decode(value);
  }
  if (configMapKeyRef !== undefined) {
    const data = required(configMapKeyRef, 'ConfigMap', inputs.getConfigMap(configMapKeyRef.name))?.data;
    return required(configMapKeyRef, `key ${configMapKeyRef.key} of ConfigMap`, data?.[configMapKeyRef.key]);
  }
  return variable.value ?? '';
}

/** The value itself; throws when it is missing and the reference is not optional. */
export function required<T>(
  reference: { name: string; optional?: boolean },
  what: string,
  value: T | undefined,
): T | undefined {
  if (value === undefined && reference.optional !== true) {
    throw new Error(`${what} ${reference.name} not found`);
  }
  return value;
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
