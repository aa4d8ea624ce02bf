import { MAX_TYPOS, nearest } from '../text/edit-distance.ts';
import { cut, quoted } from '../text/printable.ts';
import { firstSorted } from '../text/sorted.ts';
import type { Violation } from './evaluate.ts';
import { isGlob, matchesGlob } from './glob.ts';
import { isRoleName, MAX_ROLE_NAME_LENGTH, roleNameOfArn } from './names.ts';

const PLACEHOLDER = /\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|^<.*>$/s;
/** Only this much of a value is examined: a longer value is no typing mistake, and PLACEHOLDER is not linear. */
const MAX_EXAMINED_CHARACTERS = 256;
/** Only this much of a value is searched for whitespace around a name. */
const MAX_TRIMMED_CHARACTERS = 1_024;
const MAX_ACCOUNTS = 5;
/** A denial must stay cheap, however many ServiceAccounts have the role. */
const MAX_EXAMINED_ALLOWLISTS = 256;

/**
 * The fix for a role that is not allowed, as a clause without its full stop; undefined if the value does not show the
 * mistake.
 */
export function hintFor({ role, reason, roles: { roles }, allowing }: Violation): string | undefined {
  if (reason === 'protected') {
    return undefined;
  }
  if (reason === 'invalid-name') {
    return hintForInvalidName(role);
  }

  if (reason === 'expired') {
    return hintForOtherAccount(allowing);
  }

  return hintForOtherCase(role, roles) ?? hintForOtherAccount(allowing) ?? hintForNearMiss(role, roles);
}

function hintForInvalidName(wholeRole: string): string {
  const trimmed = cut(wholeRole, MAX_TRIMMED_CHARACTERS).trim();
  const role = cut(trimmed, MAX_EXAMINED_CHARACTERS);
  const roleName = roleNameOfArn(role);
  if (roleName !== undefined) {
    return isRoleName(roleName)
      ? `use the role name ${quoted(roleName)}, not the ARN`
      : "use the role's name, not the ARN";
  }

  if (PLACEHOLDER.test(role)) {
    return 'replace the placeholder';
  }

  if (trimmed === '') {
    return 'name a role, or remove the annotation';
  }
  if (isRoleName(trimmed)) {
    return `remove the whitespace around ${quoted(trimmed)}`;
  }

  return wholeRole.length > MAX_ROLE_NAME_LENGTH
    ? `a role name has at most ${MAX_ROLE_NAME_LENGTH} characters, this one has ${countOf(wholeRole)}`
    : 'use only letters, digits, dots, underscores, hyphens and @';
}

function countOf(role: string): string {
  const isLong = role.length > MAX_TRIMMED_CHARACTERS;
  return isLong ? `more than ${MAX_TRIMMED_CHARACTERS}` : `${role.length}`;
}

function hintForOtherCase(role: string, roles: readonly string[]): string | undefined {
  const lowered = role.toLowerCase();
  const match = roles.find((allowed) => matchesGlob(allowed.toLowerCase(), lowered));
  return match && `did you mean ${quoted(match)} (role names are case-sensitive)?`;
}

function hintForOtherAccount(allowing: Violation['allowing']): string | undefined {
  const accounts = allowing
    .slice(0, MAX_EXAMINED_ALLOWLISTS)
    .filter(({ expiresAt }) => expiresAt === Number.POSITIVE_INFINITY)
    .flatMap(({ spec: { serviceAccounts = [] } }) => serviceAccounts);
  const names = firstSorted(accounts, MAX_ACCOUNTS);
  return names.length === 0
    ? undefined
    : `it is allowed for ${names.length === 1 ? 'ServiceAccount' : 'ServiceAccounts'} ${names.join(', ')}`;
}

function hintForNearMiss(role: string, roles: readonly string[]): string | undefined {
  const match = nearest(
    role,
    roles.filter((allowed) => !isGlob(allowed)),
    MAX_TYPOS,
  );
  return match && `did you mean ${quoted(match)}?`;
}
