import { ROLE_ANNOTATION } from './manifests.ts';

/**
 * A MutatingAdmissionPolicy and its binding, of a version such as `admissionregistration.k8s.io/v1`, that give every pod of
 * a namespace a role, at its creation and its updates.
 */
export function roleSettingPolicy(apiVersion: string, namespace: string, role: string): readonly object[] {
  const api = { apiVersion };
  const metadata = { name: 'role-setter' };
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE', 'UPDATE'] },
  ];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const expression = `Object{metadata: Object.metadata{annotations: {"${ROLE_ANNOTATION}": "${role}"}}}`;
  return [
    {
      ...{ ...api, kind: 'MutatingAdmissionPolicy', metadata },
      spec: {
        matchConstraints: { resourceRules, namespaceSelector },
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
      },
    },
    {
      ...{ ...api, kind: 'MutatingAdmissionPolicyBinding', metadata },
      spec: { policyName: metadata.name },
    },
  ];
}
