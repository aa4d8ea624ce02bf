import { parseReview } from '../../src/admission/review.ts';
import { ROLE_ANNOTATION } from '../../src/admission/role-annotation.ts';
import { deepFreeze } from './deep-freeze.ts';

/** An entry of ConfigMap eci-profile that sets a role, but for what is said otherwise. */
export function entryOf(role: unknown, fields: Readonly<Record<string, unknown>> = {}) {
  return { name: 'spark', effect: { annotations: { [ROLE_ANNOTATION]: role } }, ...fields };
}

/** ConfigMap eci-profile with these selectors, as text where they are none. */
export function profileOf(selectors: unknown, fields: Readonly<Record<string, unknown>> = {}) {
  const text = typeof selectors === 'string' ? selectors : JSON.stringify(selectors);
  return {
    metadata: { name: 'eci-profile', namespace: 'kube-system' },
    data: { vpcId: 'vpc-1', selectors: text },
    ...fields,
  };
}

/** The review of an edit of ConfigMap eci-profile: its creation, or an update where it was something before. */
export function profileReview(object: unknown, oldObject?: unknown, request: object = {}) {
  return parseReview(
    deepFreeze({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: 'uid',
        operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
        namespace: 'kube-system',
        name: 'eci-profile',
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        object,
        oldObject,
        ...request,
      },
    }),
  );
}

/** The review of an edit of a Selector with this spec. */
export function selectorReview(spec: unknown, oldSpec?: unknown, request: object = {}) {
  const metadata = { name: 'spark', namespace: 'tenant' };
  return profileReview({ metadata, spec }, oldSpec === undefined ? undefined : { metadata, spec: oldSpec }, {
    namespace: 'tenant',
    name: 'spark',
    resource: { group: 'eci.aliyun.com', version: 'v1', resource: 'selectors' },
    ...request,
  });
}
