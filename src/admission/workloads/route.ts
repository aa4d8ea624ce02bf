import type { ActiveEnforcementAction } from '../decision.ts';
import { type Route, whenKnown } from '../route.ts';
import { type AdviceBasis, decideAdvice } from './decide-advice.ts';
import { parseWorkloadChange, type WorkloadChange } from './workload-change.ts';

/** How workloads are checked. */
export type WorkloadSettings = Readonly<{
  action: ActiveEnforcementAction;
  /** Namespaces whose pods are validated and not mutated. */
  unmutatedNamespaces: readonly string[];
}>;

/** Checks workloads when they are created, or change in what bears on the roles of their pods. */
export function createWorkloadsRoute({
  action,
  unmutatedNamespaces,
}: WorkloadSettings): Route<WorkloadChange, AdviceBasis> {
  return {
    parse: parseWorkloadChange,
    gather: ({ namespace }, { getPolicy, now, getNamespaceLabels }) =>
      whenKnown(getNamespaceLabels(namespace), (labels) => ({
        labels,
        action,
        isMutated: !unmutatedNamespaces.includes(namespace),
        policy: getPolicy(),
        now: now(),
      })),
    decide: decideAdvice,
  };
}
