import type { Labels } from '../policy/label-selector.ts';
import type { Subject } from '../policy/subject.ts';
import { isEciNamespace } from './eci-marker.ts';
import type { Pod } from './pod.ts';

/** What the rules need to know of a pod in a namespace with these labels. */
export function toSubject(pod: Pod, namespace: string, labels: Labels | undefined): Subject {
  return {
    namespace,
    namespaceLabels: labels,
    serviceAccount: pod.serviceAccount,
    requestedRole: pod.requestedRole,
    hasEciMarker: pod.hasEciMarker || (labels !== undefined && isEciNamespace(labels)),
    isMirrorPod: pod.isMirrorPod,
  };
}
