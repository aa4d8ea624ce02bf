import { asObject } from '../../json/json.ts';
import type { Phase } from '../decision.ts';
import { parsePod } from '../pod.ts';
import type { AdmissionRequest } from '../review.ts';
import { createMisspeltKeySearch } from '../role-annotation.ts';
import { type Route, whenKnown } from '../route.ts';
import { decidePod, type PodCreation, type PodFacts } from './decide.ts';

/** Decides pods when they are created; no other requests for pods. */
export function createPodsRoute(phase: Phase): Route<PodCreation, PodFacts> {
  return {
    parse: (request) => parsePodCreation(phase, request),
    gather: ({ namespace }, { getPolicy, now, getNamespaceLabels }) =>
      whenKnown(getNamespaceLabels(namespace), (labels) => ({ labels, policy: getPolicy(), now: now() })),
    decide: (creation, facts) => decidePod(phase, creation, facts),
  };
}

/** Returns undefined unless the request creates a pod, not one of its subresources. */
function parsePodCreation(
  phase: Phase,
  { operation, resource, subresource, namespace, object }: AdmissionRequest,
): PodCreation | undefined {
  const isPod = resource.group === '' && resource.resource === 'pods' && subresource === '';
  if (operation !== 'CREATE' || !isPod) {
    return undefined;
  }
  // The API server sends every pod to this phase alone, so that its author is warned once.
  const misspeltKey = phase === 'mutate' ? findMisspeltKey(object) : undefined;
  return { namespace, pod: parsePod(object), misspeltKey };
}

function findMisspeltKey(object: unknown): string | undefined {
  const annotations = asObject(asObject(asObject(object)['metadata'])['annotations']);
  return createMisspeltKeySearch()(Object.keys(annotations));
}
