import { isSameJson } from '../../json/equal.ts';
import { asArray, asObject, own } from '../../json/json.ts';
import { isGlob } from '../../policy/glob.ts';
import { isNamespacePattern } from '../../policy/names.ts';
import { type Allowlist, KIND } from '../../policy/schema/allowlist.ts';
import { type AllowlistProblems, parseAllowlist } from '../../policy/schema/parse.ts';
import type { ExceededBound } from '../../policy/share.ts';
import type { Result } from '../../text/problem.ts';
import { type Decision, forbidden, NOTHING_TO_DO } from '../decision.ts';
import type { AdmissionRequest } from '../review.ts';
import type { Route } from '../route.ts';
import { type LintFacts, lintAllowlist } from './lint.ts';
import { exceededDenial, findingWarning, invalidWarnings, softerActionWarnings } from './messages.ts';
import { type ActionFacts, findSoftenedNamespaces } from './softer-action.ts';

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
  /** The namespaces that it named exactly before the change; none if it is created. */
  namespacesBefore: readonly string[];
}>;

/** What a change of an allowlist is decided by; the time is in milliseconds since the epoch. */
export type AllowlistFacts = ActionFacts &
  LintFacts &
  Readonly<{
    /** The bound that the change would exceed. */
    exceeded: ExceededBound | undefined;
  }>;

/** Warns about allowlists when they are created, or their spec changes, and denies those over a bound. Waits for nothing. */
export function createAllowlistsRoute({
  excludedNamespaces,
  unmutatedNamespaces,
}: AllowlistSettings): Route<AllowlistChange, AllowlistFacts> {
  const uncheckedNamespaces = excludedNamespaces.filter((name) => unmutatedNamespaces.includes(name));
  return {
    parse: parseAllowlistChange,
    gather: ({ after }, { getPolicy, now, getNamespaces, findExceededBound }) => ({
      policy: getPolicy(),
      now: now(),
      namespaces: getNamespaces(),
      excludedNamespaces,
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

/** Bounds the work for an old object that another schema accepted; ours accepts no more namespaces. */
const MAX_NAMESPACES_BEFORE = 256;

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
    namespacesBefore: isUpdate ? exactNamespacesOf(specOf(oldObject)) : [],
  };
}

function exactNamespacesOf(spec: unknown): readonly string[] {
  return asArray(own(asObject(spec), 'namespaces'))
    .slice(0, MAX_NAMESPACES_BEFORE)
    .filter(isNamespacePattern)
    .filter((namespace) => !isGlob(namespace));
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

function warningsOf({ after, namespacesBefore }: AllowlistChange, facts: AllowlistFacts): readonly string[] {
  if (!after.ok) {
    return invalidWarnings(after.problem);
  }
  const softened = findSoftenedNamespaces(after.value, namespacesBefore, facts);
  return [...softerActionWarnings(softened), ...lintAllowlist(after.value.spec, facts).map(findingWarning)];
}
