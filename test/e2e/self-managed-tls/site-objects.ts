/** What each webhook reviews. */
const REVIEWED = { mutate: 'configmaps', validate: 'configmaps', bind: 'pods/binding' } as const;

/** All that the upkeep of certificates may do in its namespace. */
export function buildRole(secretName: string): object {
  const rule = {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: [secretName],
    verbs: ['get', 'update'],
  };
  return { metadata: { name: 'hook' }, rules: [rule] };
}

/** All that it may do in the cluster. */
export function buildClusterRole(name: string, resources: readonly string[]): object {
  const apiGroups = ['admissionregistration.k8s.io'];
  return {
    metadata: { name },
    rules: [{ apiGroups, resources, resourceNames: [name], verbs: ['get', 'patch'] }],
  };
}

/** A configuration whose webhooks review what is created in the namespace; named after it. */
export function buildConfiguration(
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration',
  namespace: string,
  serviceName: string,
  names: readonly (keyof typeof REVIEWED)[],
): object {
  const webhooks = names.map((name) => ({
    name: `${name}.example.com`,
    clientConfig: { service: { name: serviceName, namespace, path: '/' } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: [REVIEWED[name]] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 10,
  }));
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: namespace }, webhooks };
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function decode(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
