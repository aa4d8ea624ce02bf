import { havePatternsCommonMatch, isAnything } from '../../../policy/glob.ts';
import { foldCase } from '../../../policy/names.ts';
import type { Policy } from '../../../policy/policy.ts';
import type { AllowlistSpec } from '../../../policy/schema/allowlist.ts';
import { entriesOf, finding, type LintFinding, WIDE_ROLE } from './finding.ts';

/**
 * Finds roles that an allowlist cannot allow, and entries that allow more than the author may intend. Ignores case:
 * allowlists compare roles exactly, RAM probably does not.
 */
export function lintRoles(
  { roles, defaultRole }: AllowlistSpec,
  { isProtectedRole, settings }: Policy,
  allowsNothing: boolean,
): readonly LintFinding[] {
  const matches = (role: string, pattern: string) =>
    !isAnything(role) && havePatternsCommonMatch(foldCase(role), foldCase(pattern));
  const isWide = (role: string) => !allowsNothing && !isProtectedRole(WIDE_ROLE) && matches(role, WIDE_ROLE);
  const matchesProtected = (role: string) =>
    !isProtectedRole(role) && settings.protectedRoles.some((pattern) => matches(role, pattern));
  const defaultIf = (holds: (role: string) => boolean) =>
    defaultRole !== undefined && holds(defaultRole) ? [{ path: 'spec.defaultRole', value: defaultRole }] : [];
  return [
    ...finding('protected-default', defaultIf(isProtectedRole)),
    ...finding('protected-role', entriesOf('roles', roles, isProtectedRole)),
    ...finding('matches-protected-roles', entriesOf('roles', roles, matchesProtected)),
    ...finding(
      'any-role',
      entriesOf('roles', roles, (role) => isAnything(role) && !allowsNothing),
    ),
    ...finding('wide-role', entriesOf('roles', roles, isWide)),
    ...finding('wide-default', defaultIf(isWide)),
  ];
}
