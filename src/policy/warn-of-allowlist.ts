import type { AllowlistWarning } from './allowlist-warning.ts';
import type { CompiledChange } from './compare-namespaces.ts';
import { hasExpired } from './compiled-allowlist.ts';
import type { Policy } from './policy.ts';
import type { NamespaceSurvey } from './survey-namespaces.ts';
import { warnOfConflict, warnOfSofterAction } from './warn-of-change.ts';
import { warnOfExpiry } from './warn-of-expiry.ts';
import { warnOfNamespaces } from './warn-of-namespaces.ts';
import { warnOfRoles } from './warn-of-roles.ts';
import { warnOfSelector } from './warn-of-selector.ts';

/** Finds all that whoever writes an allowlist should know of, what matters most first. At most one warning of a kind. */
export function warnOfAllowlist(
  change: CompiledChange,
  survey: NamespaceSurvey,
  policy: Policy,
  now: number,
): readonly AllowlistWarning[] {
  const { spec } = change.after;
  const allowsNothing = spec.roles.length === 0 || hasExpired(change.after, now);
  return [
    ...warnOfSofterAction(change, survey),
    ...warnOfConflict(change, survey),
    ...warnOfRoles(spec, policy, allowsNothing),
    ...warnOfNamespaces(spec, survey, allowsNothing),
    ...warnOfSelector(spec, survey, allowsNothing),
    ...warnOfExpiry(spec, now),
  ];
}
