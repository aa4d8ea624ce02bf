import { asObject } from '../../json/json.ts';
import type { Phase } from '../decision.ts';
import { parsePod } from '../pod.ts';
import type { AdmissionRequest } from '../review.ts';
import { createMisspeltKeySearch, findRoleLabel } from '../role-annotation.ts';
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
  const hints = phase === 'mutate' ? findHints(object) : NO_HINTS;
  return { namespace, pod: parsePod(object), ...hints };
}

type Hints = Pick<PodCreation, 'misspeltKey' | 'labelKey'>;

const NO_HINTS: Hints = { misspeltKey: undefined, labelKey: undefined };

function findHints(object: unknown): Hints {
  const { annotations, labels } = asObject(asObject(object)['metadata']);
  const findMisspeltKey = createMisspeltKeySearch();
  return {
    misspeltKey: findMisspeltKey(Object.keys(asObject(annotations))),
    labelKey: findRoleLabel(Object.keys(asObject(labels)), findMisspeltKey),
  };
}
