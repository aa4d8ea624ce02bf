import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { type Decision, NOTHING_TO_DO } from '../decision.ts';
import type { Route } from '../route.ts';
import { type AllowlistChange, parseAllowlistChange } from './change.ts';
import { lintAllowlist } from './lint/lint.ts';
import { findingWarning, invalidWarnings, softerActionWarnings } from './messages.ts';
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
  }>;

/** Warns about allowlists when they are created, or their spec changes. It waits for nothing. */
export function createAllowlistsRoute({
  excludedNamespaces,
}: AllowlistSettings): Route<AllowlistChange, AllowlistFacts> {
  return {
    parse: parseAllowlistChange,
    gather: (_, { getPolicy, now, getNamespaces }) => ({
      policy: getPolicy(),
      now: now(),
      namespaces: getNamespaces(),
      excludedNamespaces,
    }),
    decide: decideAllowlist,
  };
}

/** Admits every change of an allowlist. An allowlist that its schema does not accept gets no warnings but the reasons. */
export function decideAllowlist(change: AllowlistChange, facts: AllowlistFacts): Decision {
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
