import type { AdmissionRequest } from '../../src/admission/review.ts';

/** An object of an allowlist of `payments` that allows `reader`, but for what is said otherwise. */
export function allowlistObject(
  spec: Readonly<Record<string, unknown>> = {},
  metadata: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'eci-ram-role.io/v1alpha1',
    kind: 'RamRoleAllowlist',
    metadata: { name: 'list', ...metadata },
    spec: { namespaces: ['payments'], roles: ['reader'], ...spec },
  };
}

/** The creation of an allowlist, but for what is said otherwise. */
export function allowlistRequest(request: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'uid-1',
    namespace: '',
    operation: 'CREATE',
    resource: { group: 'eci-ram-role.io', resource: 'ramroleallowlists' },
    kind: 'RamRoleAllowlist',
    subresource: '',
    dryRun: false,
    name: 'list',
    object: allowlistObject(),
    oldObject: null,
    ...request,
  };
}
