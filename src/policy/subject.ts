import type { Labels } from './label-selector.ts';

/** What the rules need to know of a pod. */
export type Subject = Readonly<{
  /** Empty where the request names none; no list selects it then. */
  namespace: string;
  /** The labels of that namespace; undefined where the namespace is not known yet, so that only its name counts. */
  namespaceLabels: Labels | undefined;
  /** Undefined where it may be any: what lists allow to any ServiceAccount counts then. */
  serviceAccount: string | undefined;
  /** The role that the pod names; undefined where it names none. */
  requestedRole: string | undefined;
  hasEciMarker: boolean;
  isMirrorPod: boolean;
}>;
