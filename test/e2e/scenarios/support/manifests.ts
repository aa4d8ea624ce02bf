export const ROLE_ANNOTATION = 'k8s.aliyun.com/eci-ram-role-name';

/** A RamRoleAllowlist. */
export function allowlist(name: string, spec: object): object {
  return { apiVersion: 'eci-ram-role.io/v1alpha1', kind: 'RamRoleAllowlist', metadata: { name }, spec };
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A pod template that names a role, or none, and is meant for ECI. */
export function podTemplate(role: string | undefined, app = 'test') {
  return {
    metadata: {
      labels: { app, 'alibabacloud.com/eci': 'true' },
      ...(role !== undefined && { annotations: { [ROLE_ANNOTATION]: role } }),
    },
    spec: { containers: [{ name: 'test', image: 'centos:7', command: ['sleep', '3600'] }] },
  };
}

export function pod(name: string, namespaceName: string, role: string | undefined): object {
  const { metadata, spec } = podTemplate(role);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace: namespaceName }, spec };
}

/** A pod that no scheduler binds, so that nobody but the test writes to it. */
export function unscheduledPod(
  name: string,
  namespaceName: string,
  role: string | undefined,
  spec: object = {},
): object {
  const template = podTemplate(role);
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { ...template.metadata, name, namespace: namespaceName },
    spec: { ...template.spec, schedulerName: 'nobody', ...spec },
  };
}

export function deployment(name: string, namespaceName: string, role: string | undefined): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: namespaceName },
    spec: { selector: { matchLabels: { app: name } }, template: podTemplate(role, name) },
  };
}
