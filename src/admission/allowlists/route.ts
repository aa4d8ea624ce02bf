import { isSameJson } from '../../json/equal.ts';
import { asObject, isObject, own } from '../../json/json.ts';
import { type Allowlist, KIND } from '../../policy/schema/allowlist.ts';
import { type AllowlistProblems, parseAllowlist } from '../../policy/schema/parse.ts';
import type { ExceededBound } from '../../policy/share.ts';
import { isSofter, VIOLATION_ACTIONS, type ViolationAction } from '../../policy/violation-action.ts';
import type { Result } from '../../text/problem.ts';
import { type Decision, forbidden, NOTHING_TO_DO } from '../decision.ts';
import type { AdmissionRequest } from '../review.ts';
import type { Route } from '../route.ts';
import { type LintFacts, lintAllowlist } from './lint.ts';
import { exceededDenial, findingWarning, invalidWarnings, softerActionWarning } from './messages.ts';

/** How allowlists are checked. */
export type AllowlistSettings = Readonly<{
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
  /** Namespaces whose pods are not mutated. */
  unmutatedNamespaces: readonly string[];
}>;

/** An allowlist that is created or changed. */
export type AllowlistChange = Readonly<{
  after: Result<Allowlist, AllowlistProblems>;
  /** Its action before the change; undefined if it is created, or the action cannot be read. */
  actionBefore: ViolationAction | undefined;
}>;

/** What a change of an allowlist is decided by; the time is in milliseconds since the epoch. */
export type AllowlistFacts = LintFacts &
  Readonly<{
    /** The bound that the change would exceed. */
    exceeded: ExceededBound | undefined;
  }>;

/**
 * Warns about allowlists when they are created, or their spec changes, and denies those over a bound. Waits for nothing. No
 * warning depends on another allowlist, which may just be written too; the status reports those.
 */
export function createAllowlistsRoute({
  excludedNamespaces,
  unmutatedNamespaces,
}: AllowlistSettings): Route<AllowlistChange, AllowlistFacts> {
  const uncheckedNamespaces = excludedNamespaces.filter((name) => unmutatedNamespaces.includes(name));
  return {
    parse: parseAllowlistChange,
    gather: ({ after }, { getPolicy, now, findExceededBound }) => ({
      policy: getPolicy(),
      now: now(),
      uncheckedNamespaces,
      exceeded: after.ok ? findExceededBound(after.value) : undefined,
    }),
    decide: decideAllowlist,
  };
}

const GROUP = 'eci-ram-role.io';
const RESOURCE = `${KIND.toLowerCase()}s`;

/** The status of the allowlist shows further problems. */
const MAX_SHOWN_PROBLEMS = 3;

/** Reads the change of an allowlist; undefined if the request is about something else or does not change the spec. */
export function parseAllowlistChange(request: AdmissionRequest): AllowlistChange | undefined {
  const { operation, resource, subresource, object, oldObject } = request;
  const isOfAllowlist = resource.group === GROUP && resource.resource === RESOURCE && subresource === '';
  if (!isOfAllowlist || !(operation === 'CREATE' || operation === 'UPDATE')) {
    return undefined;
  }
  const isDeleting = typeof own(metadataOf(object), 'deletionTimestamp') === 'string';
  const isUpdate = operation === 'UPDATE';
  if (isDeleting || (isUpdate && isSameJson(specOf(object), specOf(oldObject)))) {
    return undefined;
  }

  return {
    after: parseAllowlist(object, MAX_SHOWN_PROBLEMS),
    actionBefore: isUpdate ? actionOf(specOf(oldObject)) : undefined,
  };
}

function actionOf(spec: unknown): ViolationAction | undefined {
  const action = isObject(spec) ? (own(spec, 'violationAction') ?? 'Deny') : undefined;
  return VIOLATION_ACTIONS.find((known) => known === action);
}

function metadataOf(value: unknown) {
  return asObject(own(asObject(value), 'metadata'));
}

function specOf(value: unknown): unknown {
  return own(asObject(value), 'spec');
}

/**
 * Admits every change of an allowlist within its bound. An allowlist that its schema does not accept gets no warnings but
 * the reasons.
 */
export function decideAllowlist(change: AllowlistChange, facts: AllowlistFacts): Decision {
  if (facts.exceeded !== undefined) {
    const denial = forbidden(exceededDenial(facts.exceeded));
    return { ...NOTHING_TO_DO, outcome: 'deny', reason: 'over-bound', denial };
  }
  return { ...NOTHING_TO_DO, outcome: 'allow', reason: 'allowed', warnings: warningsOf(change, facts) };
}

function warningsOf({ after, actionBefore }: AllowlistChange, facts: AllowlistFacts): readonly string[] {
  if (!after.ok) {
    return invalidWarnings(after.problem);
  }
  const { spec } = after.value;
  const isSoftened = actionBefore !== undefined && isSofter(spec.violationAction, actionBefore);
  return [
    ...(isSoftened ? [softerActionWarning(actionBefore, spec.violationAction)] : []),
    ...lintAllowlist(spec, facts).map(findingWarning),
  ];
}
