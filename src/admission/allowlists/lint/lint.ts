import { hasExpired } from '../../../policy/allowlist.ts';
import type { Policy } from '../../../policy/policy.ts';
import type { CompiledChange } from '../compare-namespaces.ts';
import type { NamespaceSurvey } from '../survey-namespaces.ts';
import { warnOfConflict, warnOfSofterAction } from './change.ts';
import { warnOfExpiry } from './expiry.ts';
import type { AllowlistWarning } from './finding.ts';
import { warnOfNamespaces } from './namespaces.ts';
import { warnOfRoles } from './roles.ts';
import { warnOfSelector } from './selector.ts';

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
