import { havePatternsCommonMatch, isAnything } from '../../../policy/glob.ts';
import { foldCase, type Policy } from '../../../policy/policy.ts';
import type { AllowlistSpec } from '../../../policy/schema/allowlist.ts';
import { type AllowlistWarning, entriesOf, warnOf } from './finding.ts';

/** A role that ACK once made with wide permissions; the example value in tables of its documentation. */
const WIDE_ROLE = 'AliyunECIContainerGroupRole';

const OWN_ROLE = 'make a role with what these pods need, and name that';

/**
 * Finds roles that a list cannot open, and those that open more than their writer may know. In any case: lists compare
 * roles exactly, RAM probably does not.
 */
export function warnOfRoles(
  { roles, defaultRole }: AllowlistSpec,
  { isProtectedRole, settings }: Policy,
  allowsNothing: boolean,
): readonly AllowlistWarning[] {
  const takesIn = (role: string, pattern: string) =>
    !isAnything(role) && havePatternsCommonMatch(foldCase(role), foldCase(pattern));
  const isWide = (role: string) => !allowsNothing && !isProtectedRole(WIDE_ROLE) && takesIn(role, WIDE_ROLE);
  const takesInProtected = (role: string) =>
    !isProtectedRole(role) && settings.protectedRoles.some((pattern) => takesIn(role, pattern));
  const placesOfDefault = (holds: (role: string) => boolean) =>
    defaultRole !== undefined && holds(defaultRole) ? [{ path: 'spec.defaultRole', value: defaultRole }] : [];
  return [
    ...warnOf(
      placesOfDefault(isProtectedRole),
      'a protected role, so it is not injected and the list will be Invalid',
      'name another role, or none',
    ),
    ...warnOf(
      entriesOf('roles', roles, isProtectedRole),
      'protected, which no list can open, so it has no effect',
      'take it out',
    ),
    ...warnOf(
      entriesOf('roles', roles, takesInProtected),
      'takes in protected roles, which stay refused',
      'name the roles, or a prefix that no protected role begins with',
    ),
    ...warnOf(
      entriesOf('roles', roles, (role) => isAnything(role) && !allowsNothing),
      'allows every role that is not protected, those of other teams and later ones too',
      'name the roles, or a prefix that is yours alone',
    ),
    ...warnOf(
      entriesOf('roles', roles, isWide),
      `allows ${WIDE_ROLE}, a legacy role with wide permissions`,
      OWN_ROLE,
    ),
    ...warnOf(
      placesOfDefault(isWide),
      'a legacy role with wide permissions, which pods that name none get',
      OWN_ROLE,
    ),
  ];
}
