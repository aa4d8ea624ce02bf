import { ROLE_ANNOTATION } from '../../src/admission/role-annotation.ts';

/** The AdmissionReview of a Binding in `payments` that has the annotation. */
export function bindingReview(pod: string, role: string, namespace = 'payments'): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: pod,
      namespace,
      operation: 'CREATE',
      name: pod,
      kind: { group: '', version: 'v1', kind: 'Binding' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'binding',
      object: { metadata: { name: pod, annotations: { [ROLE_ANNOTATION]: role } } },
    },
  };
}
