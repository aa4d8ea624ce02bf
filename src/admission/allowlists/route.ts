import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import type { ExceededBound } from '../../policy/share.ts';
import { type Decision, forbidden, NOTHING_TO_DO } from '../decision.ts';
import type { Route } from '../route.ts';
import { type AllowlistChange, parseAllowlistChange } from './change.ts';
import { lintAllowlist } from './lint/lint.ts';
import { exceededDenial, findingWarning, invalidWarnings, softerActionWarnings } from './messages.ts';
import { findSoftenedNamespaces } from './softer-action.ts';

/** How allowlists are checked. */
export type AllowlistSettings = Readonly<{
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
}>;

/** What a change of an allowlist is decided by; the time is in milliseconds since the epoch. */
export type AllowlistFacts = AllowlistSettings &
  Readonly<{
    policy: Policy;
    now: number;
    /** The labels of the namespaces of the cluster; undefined if the namespaces are not known. */
    namespaces: ReadonlyMap<string, Labels> | undefined;
    /** The bound that the change would exceed. */
    exceeded: ExceededBound | undefined;
  }>;

/** Warns about allowlists when they are created, or their spec changes, and denies those over a bound. Waits for nothing. */
export function createAllowlistsRoute({
  excludedNamespaces,
}: AllowlistSettings): Route<AllowlistChange, AllowlistFacts> {
  return {
    parse: parseAllowlistChange,
    gather: ({ after }, { getPolicy, now, getNamespaces, findExceededBound }) => ({
      policy: getPolicy(),
      now: now(),
      namespaces: getNamespaces(),
      excludedNamespaces,
      exceeded: after.ok ? findExceededBound(after.value) : undefined,
    }),
    decide: decideAllowlist,
  };
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
  return [
    ...softerActionWarnings(softened),
    ...lintAllowlist(after.value.spec, facts.policy, facts.now).map(findingWarning),
  ];
}
