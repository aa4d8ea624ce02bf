import type { Labels } from './label-selector.ts';
import type { AllowlistSpec } from './schema/allowlist.ts';

/** The facts about a pod that the rules use. */
export type Subject = Readonly<{
  /** Empty if the request names none; no allowlist selects it then. */
  namespace: string;
  /** The labels of that namespace; undefined while the namespace is not known, so that only its name counts. */
  namespaceLabels: Labels | undefined;
  /** Undefined if it may be any: an allowlist for some ServiceAccounts then covers it too. */
  serviceAccount: string | undefined;
  /** The role that the pod names; undefined if it names none. */
  requestedRole: string | undefined;
  hasEciMarker: boolean;
  isMirrorPod: boolean;
}>;

/**
 * Stands for every pod: only an allowlist that no field narrows covers it. Each fact is one that no pod has, so that a
 * pattern other than `*` does not match it.
 */
export const ANY_POD: Subject = {
  namespace: '',
  namespaceLabels: new Map(),
  serviceAccount: '',
  requestedRole: undefined,
  hasEciMarker: false,
  isMirrorPod: false,
};

/**
 * Builds a subject from the known facts. By default it has no ECI marker, so that it gets no default role for ECI pods,
 * and is no mirror pod.
 */
export function buildSubject(
  known: Pick<Subject, 'namespace' | 'namespaceLabels' | 'serviceAccount' | 'requestedRole'> &
    Partial<Subject>,
): Subject {
  return { hasEciMarker: false, isMirrorPod: false, ...known };
}

/**
 * The fact that each field of an allowlist is compared with, as the API reference shows it; undefined if there is none.
 * A field that is missing here does not compile.
 */
export const COMPARED_WITH: Readonly<Record<keyof AllowlistSpec, string | undefined>> = {
  namespaces: 'the namespace of the request',
  namespaceSelector: "the namespace's labels",
  roles: 'the annotation',
  defaultRole: undefined,
  serviceAccounts: "the pod's ServiceAccount",
  injectInto: 'the ECI markers of pod and namespace',
  violationAction: undefined,
  contact: undefined,
  reason: undefined,
  expiresAt: undefined,
};
