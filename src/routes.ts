import { createAllowlistsRoute } from './admission/allowlists/route.ts';
import { bindingsRoute } from './admission/bindings/route.ts';
import {
  type ActiveEnforcementAction,
  type DecisionReason,
  type EnforcementAction,
  NOT_DECIDED,
  type Outcome,
} from './admission/decision.ts';
import { createInjectorsRoute } from './admission/injectors/route.ts';
import { createPodsRoute } from './admission/pods/route.ts';
import { type AdmissionDeps, type DecideRequest, runRoute } from './admission/route.ts';
import { createWorkloadsRoute } from './admission/workloads/route.ts';

/** The paths of the admission server. */
export const PATHS = [
  '/mutate-pods',
  '/validate-pods',
  '/validate-bindings',
  '/validate-workloads',
  '/validate-injectors',
  '/validate-allowlists',
] as const;
export type Path = (typeof PATHS)[number];

/** The reasons of violations that follow the action of an allowlist; the others are always denied. */
const SOFTER = ['invalid-name', 'no-allowlist', 'expired', 'not-allowed'] as const;
const VIOLATION = ['protected', 'unknown-namespace', ...SOFTER] as const;

/** Every decision that a path can give: the reasons of each outcome. The metrics count each of them from 0. */
export const DECISIONS: Readonly<
  Record<Path, Readonly<Partial<Record<Outcome, readonly DecisionReason[]>>>>
> = {
  '/mutate-pods': {
    allow: ['allowed', 'no-role', 'not-decided'],
    inject: ['default'],
    strip: SOFTER,
    deny: ['malformed', ...VIOLATION],
    warn: SOFTER,
    audit: SOFTER,
  },
  '/validate-pods': {
    allow: ['allowed', 'no-role', 'not-decided'],
    deny: ['malformed', ...VIOLATION],
    warn: SOFTER,
    audit: SOFTER,
  },
  '/validate-bindings': { allow: ['allowed', 'not-decided'], deny: ['not-allowed'] },
  '/validate-workloads': {
    // Under Audit, and in a namespace that is not known yet, a violation gets no warning.
    allow: ['allowed', 'no-role', 'default', 'not-decided', 'unknown-namespace', ...SOFTER],
    deny: ['protected', ...SOFTER],
    warn: ['protected', ...SOFTER],
  },
  '/validate-injectors': {
    allow: ['allowed', 'no-role', 'not-decided'],
    deny: ['malformed', ...VIOLATION],
    warn: ['malformed', ...VIOLATION],
  },
  '/validate-allowlists': { allow: ['allowed', 'not-decided'], deny: ['over-bound'] },
};

/** How objects other than pods are checked. */
export type RouteSettings = Readonly<{
  workloadsAction: EnforcementAction;
  injectorsAction: EnforcementAction;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
  /** Namespaces whose pods are validated and not mutated. */
  unmutatedNamespaces: readonly string[];
  /** Custom kinds whose own annotations become those of their pods, such as `taskruns.tekton.dev`. */
  ownMetadataKinds: readonly string[];
}>;

/** Creates the table of the admission server: each path, and the function that decides its requests. */
export function createRoutes(
  deps: AdmissionDeps,
  settings: RouteSettings,
): Readonly<Record<Path, DecideRequest>> {
  const { workloadsAction, injectorsAction, excludedNamespaces } = settings;
  const { unmutatedNamespaces, ownMetadataKinds } = settings;
  const notExcluded = unlessIn(excludedNamespaces);
  return {
    '/mutate-pods': runRoute(createPodsRoute('mutate'), deps),
    '/validate-pods': runRoute(createPodsRoute('validate'), deps),
    '/validate-bindings': runRoute(bindingsRoute, deps),
    '/validate-workloads': unlessOff(workloadsAction, (action) =>
      notExcluded(runRoute(createWorkloadsRoute({ action, unmutatedNamespaces, ownMetadataKinds }), deps)),
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
