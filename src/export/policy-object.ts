import { NAME_LABEL } from '../policy/label-selector.ts';

/** An admission policy or its binding, as the API server accepts it. */
export type PolicyObject = Readonly<{
  apiVersion: 'admissionregistration.k8s.io/v1';
  kind: `${'Validating' | 'Mutating'}AdmissionPolicy${'' | 'Binding'}`;
  metadata: Readonly<{ name: string; labels: Readonly<Record<string, string>> }>;
  spec: object;
}>;

/** Policies and bindings that stand for allowlists. */
export type BuiltPolicies = Readonly<{
  objects: readonly PolicyObject[];
  /** The names of policies and bindings that an earlier export may have left; they must not stay in force. */
  unused: readonly string[];
}>;

const LABELS = { 'app.kubernetes.io/name': 'eci-ram-role-allowlists' };

/** The name of a policy and of its binding. */
export function nameOf(suffix: string): string {
  return `eci-ram-role-allowlists-${suffix}`;
}

/** A policy or binding. */
export function policyObject(kind: PolicyObject['kind'], suffix: string, spec: object): PolicyObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: nameOf(suffix), labels: LABELS },
    spec,
  };
}

/** The constraints of a policy for the creation of pods outside some namespaces. */
export function matchPodCreation(excludedNamespaces: readonly string[]): object {
  return {
    ...(excludedNamespaces.length > 0 && {
      namespaceSelector: {
        matchExpressions: [{ key: NAME_LABEL, operator: 'NotIn', values: excludedNamespaces }],
      },
    }),
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
  };
}
