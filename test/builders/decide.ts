import { type Decision, NOT_DECIDED, type Phase } from '../../src/admission/decision.ts';
import { createPodsRoute } from '../../src/admission/pods/route.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { Labels } from '../../src/policy/label-selector.ts';
import type { Policy } from '../../src/policy/policy.ts';

/** Decides a request as the paths of pods do, in a namespace with these labels: none at all unless they are given. */
export function decide(
  phase: Phase,
  request: AdmissionRequest,
  policy: Policy,
  now: number,
  labels: { labels: Labels | undefined } = { labels: new Map() },
): Decision {
  const route = createPodsRoute(phase);
  const creation = route.parse(request);
  return creation === undefined ? NOT_DECIDED : route.decide(creation, { policy, now, ...labels });
}
