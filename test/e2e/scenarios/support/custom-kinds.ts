/** A definition that takes any object. */
export function definition(group: string, version: string, kind: string): object {
  const singular = kind.toLowerCase();
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${singular}s.${group}`,
      // Asked for in groups under k8s.io.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      ...{ group, scope: 'Namespaced', names: { kind, singular, plural: `${singular}s` } },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}
