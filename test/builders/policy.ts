import { compilePolicy, type Policy, type PolicySettings } from '../../src/policy/policy.ts';
import type { Allowlist, AllowlistSpec } from '../../src/policy/schema/allowlist.ts';
import { buildSubject, type Subject } from '../../src/policy/subject.ts';
import { deepFreeze } from './deep-freeze.ts';

/** An allowlist of `payments` that allows `reader`, but for what is said otherwise. */
export function allowlistOf(name: string, spec: Partial<AllowlistSpec> = {}): Allowlist {
  const namespaces = spec.namespaceSelector === undefined ? { namespaces: ['payments'] } : {};
  const allowlist: Allowlist = {
    name,
    spec: { ...namespaces, roles: ['reader'], injectInto: 'EciPods', violationAction: 'Deny', ...spec },
  };
  return deepFreeze(allowlist);
}

/** A policy under the settings that hold by default, but for what is said otherwise. */
export function policyOf(allowlists: readonly Allowlist[], settings: Partial<PolicySettings> = {}): Policy {
  return compilePolicy(deepFreeze(allowlists), {
    unlistedNamespaces: 'Deny',
    protectedRoles: ['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'],
    eciDetection: 'markers',
    ...settings,
  });
}

/** An ECI pod in `payments` that names no role, but for what is said otherwise. */
export function subjectOf(subject: Partial<Subject> = {}): Subject {
  const eciPod = {
    namespace: 'payments',
    namespaceLabels: new Map<string, string>(),
    serviceAccount: 'default',
    requestedRole: undefined,
    hasEciMarker: true,
  };
  return deepFreeze(buildSubject({ ...eciPod, ...subject }));
}
