import { createAllowlistsRoute } from './admission/allowlists/route.ts';
import { bindingsRoute } from './admission/bindings/route.ts';
import { type ActiveEnforcementAction, type EnforcementAction, NOT_DECIDED } from './admission/decision.ts';
import { createInjectorsRoute } from './admission/injectors/route.ts';
import { createPodsRoute } from './admission/pods/route.ts';
import { type AdmissionDeps, type DecideRequest, runRoute } from './admission/route.ts';
import { createWorkloadsRoute } from './admission/workloads/route.ts';

/** How objects other than pods are checked. */
export type RouteSettings = Readonly<{
  workloadsAction: EnforcementAction;
  injectorsAction: EnforcementAction;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
  /** Namespaces whose pods are validated and not mutated. */
  unmutatedNamespaces: readonly string[];
}>;

/** Creates the table of the admission server: each path, and the function that decides its requests. */
export function createRoutes(
  deps: AdmissionDeps,
  settings: RouteSettings,
): Readonly<Record<string, DecideRequest>> {
  const { workloadsAction, injectorsAction, excludedNamespaces, unmutatedNamespaces } = settings;
  const notExcluded = unlessIn(excludedNamespaces);
  return {
    '/mutate-pods': runRoute(createPodsRoute('mutate'), deps),
    '/validate-pods': runRoute(createPodsRoute('validate'), deps),
    '/validate-bindings': runRoute(bindingsRoute, deps),
    '/validate-workloads': unlessOff(workloadsAction, (action) =>
      notExcluded(runRoute(createWorkloadsRoute({ action, unmutatedNamespaces }), deps)),
    ),
    '/validate-injectors': unlessOff(injectorsAction, (action) =>
      runRoute(createInjectorsRoute({ action, excludedNamespaces }), deps),
    ),
    '/validate-allowlists': runRoute(createAllowlistsRoute(settings), deps),
  };
}

/** A route whose action is `Off` decides nothing. */
function unlessOff(
  action: EnforcementAction,
  create: (action: ActiveEnforcementAction) => DecideRequest,
): DecideRequest {
  return action === 'Off' ? () => NOT_DECIDED : create(action);
}

/** Requests for these namespaces are not decided. */
function unlessIn(namespaces: readonly string[]): (decide: DecideRequest) => DecideRequest {
  const excluded = new Set(namespaces);
  return (decide) => (request, getCaller) =>
    excluded.has(request.namespace) ? NOT_DECIDED : decide(request, getCaller);
}
