import type { Phase } from '../decision.ts';
import { parsePod } from '../pod.ts';
import type { AdmissionRequest } from '../review.ts';
import { type Route, whenKnown } from '../route.ts';
import { decidePod, type PodCreation, type PodFacts } from './decide.ts';

/** Decides pods when they are created; no other requests for pods. */
export function createPodsRoute(phase: Phase): Route<PodCreation, PodFacts> {
  return {
    parse: parsePodCreation,
    gather: ({ namespace }, { getPolicy, now, getNamespaceLabels }) =>
      whenKnown(getNamespaceLabels(namespace), (labels) => ({ labels, policy: getPolicy(), now: now() })),
    decide: (creation, facts) => decidePod(phase, creation, facts),
  };
}

/** Returns undefined unless the request creates a pod, not one of its subresources. */
function parsePodCreation({
  operation,
  resource,
  subresource,
  namespace,
  object,
}: AdmissionRequest): PodCreation | undefined {
  const isPod = resource.group === '' && resource.resource === 'pods' && subresource === '';
  return operation === 'CREATE' && isPod ? { namespace, pod: parsePod(object) } : undefined;
}
