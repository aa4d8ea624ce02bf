import { expiryOf } from '../../policy/allowlist.ts';
import { havePatternsCommonMatch, isAnything, isGlob } from '../../policy/glob.ts';
import { type LabelSelector, NAME_LABEL } from '../../policy/label-selector.ts';
import { foldCase } from '../../policy/names.ts';
import type { Policy } from '../../policy/policy.ts';
import type { AllowlistSpec } from '../../policy/schema/allowlist.ts';
import { entriesOf, type FieldRef, finding, type LintFinding, lintEntries } from './lint-entries.ts';

/** A role that ACK once made with wide permissions; its documentation still shows it as an example. */
export const WIDE_ROLE = 'AliyunECIContainerGroupRole';

/** What an allowlist is checked against; the time is in milliseconds since the epoch. */
export type LintFacts = Readonly<{
  policy: Policy;
  now: number;
  /** Namespaces whose pods the API server sends to no webhook. */
  uncheckedNamespaces: readonly string[];
}>;

/**
 * Finds everything in an allowlist that its author may not intend, at most one finding of a rule. An allowlist that
 * allows nothing, such as one that only sets the action, may select any number of namespaces.
 */
export function lintAllowlist(
  spec: AllowlistSpec,
  { policy, now, uncheckedNamespaces }: LintFacts,
): readonly LintFinding[] {
  const allowsNothing = spec.roles.length === 0 || expiryOf(spec) <= now;
  return [
    ...lintRoles(spec, policy, allowsNothing),
    ...lintNamespaces(spec, allowsNothing),
    ...lintSelector(spec, allowsNothing),
    ...lintExpiry(spec, now),
    ...lintEntries(spec, uncheckedNamespaces),
  ];
}

/**
 * Finds roles that an allowlist cannot allow, and entries that allow more than the author may intend. Ignores case:
 * allowlists compare roles exactly, RAM probably does not.
 */
function lintRoles(
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

/** Finds patterns that match future namespaces, which get the roles. */
function lintNamespaces({ namespaces = [] }: AllowlistSpec, allowsNothing: boolean): readonly LintFinding[] {
  if (allowsNothing) {
    return [];
  }
  return [
    ...finding('any-namespace', entriesOf('namespaces', namespaces, isAnything)),
    ...finding(
      'open-pattern',
      entriesOf('namespaces', namespaces, (name) => isGlob(name) && !isAnything(name)),
    ),
  ];
}

const SELECTOR = [{ path: 'spec.namespaceSelector' }];

/** Finds selectors that select future namespaces, and labels that owners of namespaces can set. */
function lintSelector({ namespaceSelector }: AllowlistSpec, allowsNothing: boolean): readonly LintFinding[] {
  if (namespaceSelector === undefined) {
    return [];
  }
  const settable = settableLabels(namespaceSelector);
  const isOpen = !allowsNothing && settable.length === 0 && !selectsByName(namespaceSelector);
  const rule = isEmpty(namespaceSelector) ? 'empty-selector' : 'open-selector';
  return [...finding(rule, isOpen ? SELECTOR : []), ...finding('settable-label', settable)];
}

/** The parts of a selector that ask for another label than the name, which only the API server sets. */
function settableLabels({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly FieldRef[] {
  const path = 'spec.namespaceSelector';
  return [
    ...Object.keys(matchLabels).map((value) => ({ path: `${path}.matchLabels`, value })),
    ...matchExpressions.map(({ key }, index) => ({ path: `${path}.matchExpressions[${index}]`, value: key })),
  ].filter(({ value }) => value !== NAME_LABEL);
}

/** Whether a selector selects only namespaces that it names. */
function selectsByName({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return (
    Object.hasOwn(matchLabels, NAME_LABEL) ||
    matchExpressions.some(({ key, operator }) => key === NAME_LABEL && operator === 'In')
  );
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
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
