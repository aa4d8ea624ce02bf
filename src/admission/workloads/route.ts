import type { ActiveEnforcementAction } from '../decision.ts';
import { type Route, whenKnown } from '../route.ts';
import { decideWorkload, type WorkloadFacts } from './decide.ts';
import { parseWorkloadChange, type WorkloadChange } from './read.ts';

/** How workloads are checked. */
export type WorkloadSettings = Readonly<{
  action: ActiveEnforcementAction;
  /** Namespaces whose pods are validated and not mutated. */
  unmutatedNamespaces: readonly string[];
  /** Custom kinds whose own annotations become those of their pods, such as `taskruns.tekton.dev`. */
  ownMetadataKinds: readonly string[];
}>;

/** Checks workloads that are created, or updated in a part that bears on the roles of their pods. */
export function createWorkloadsRoute({
  action,
  unmutatedNamespaces,
  ownMetadataKinds,
}: WorkloadSettings): Route<WorkloadChange, WorkloadFacts> {
  return {
    parse: (request) => parseWorkloadChange(request, ownMetadataKinds),
    gather: ({ namespace }, { getPolicy, now, getNamespaceLabels }) =>
      whenKnown(getNamespaceLabels(namespace), (labels) => ({
        labels,
        action,
        isMutated: !unmutatedNamespaces.includes(namespace),
        policy: getPolicy(),
        now: now(),
      })),
    decide: decideWorkload,
  };
}
