import { expiryOf } from '../../../policy/allowlist.ts';
import type { Policy } from '../../../policy/policy.ts';
import type { AllowlistSpec } from '../../../policy/schema/allowlist.ts';
import { finding, type LintFinding } from './finding.ts';
import { lintNamespaces, lintSelector } from './namespaces.ts';
import { lintRoles } from './roles.ts';

/**
 * Finds everything in an allowlist that its author may not intend, at most one finding of a rule. An allowlist that
 * allows nothing, such as one that only sets the action, may select any number of namespaces.
 */
export function lintAllowlist(spec: AllowlistSpec, policy: Policy, now: number): readonly LintFinding[] {
  const allowsNothing = spec.roles.length === 0 || expiryOf(spec) <= now;
  return [
    ...lintRoles(spec, policy, allowsNothing),
    ...lintNamespaces(spec, allowsNothing),
    ...lintSelector(spec, allowsNothing),
    ...lintExpiry(spec, now),
  ];
}

/** A leap year in milliseconds. */
const YEAR_MS = 366 * 86_400_000;

/** Finds a time in the past, and one so far ahead that its year may be a typing error. */
function lintExpiry({ expiresAt }: AllowlistSpec, now: number): readonly LintFinding[] {
  if (expiresAt === undefined) {
    return [];
  }
  const fields = [{ path: 'spec.expiresAt', value: expiresAt }];
  const left = Date.parse(expiresAt) - now;
  return [
    ...finding('expired', left <= 0 ? fields : []),
    ...finding('distant-expiry', left > YEAR_MS ? fields : []),
  ];
}
