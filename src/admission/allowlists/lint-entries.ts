import { isAnything, isGlob, matchesGlob } from '../../policy/glob.ts';
import type { AllowlistSpec } from '../../policy/schema/allowlist.ts';

/** Something that a schema cannot forbid, and that the author of an allowlist may not intend. */
export type LintRule =
  | 'protected-default'
  | 'protected-role'
  | 'matches-protected-roles'
  | 'any-role'
  | 'wide-role'
  | 'wide-default'
  | 'any-namespace'
  | 'open-pattern'
  | 'empty-selector'
  | 'open-selector'
  | 'settable-label'
  | 'expired'
  | 'distant-expiry'
  | 'unchecked-namespace'
  | 'covered-entry'
  | 'regular-expression';

/** A field of an allowlist: its path, and its value if that helps to find it. */
export type FieldRef = Readonly<{ path: string; value?: string }>;

/** All fields of an allowlist, at least one, to which a rule applies. */
export type LintFinding = Readonly<{ rule: LintRule; fields: readonly FieldRef[] }>;

type ListField = 'namespaces' | 'roles' | 'serviceAccounts';

/** Finds entries that count for nothing, or for something else than they read like. */
export function lintEntries(
  spec: AllowlistSpec,
  uncheckedNamespaces: readonly string[],
): readonly LintFinding[] {
  const { namespaces = [], roles, serviceAccounts = [], defaultRole } = spec;
  const isCovered = createCoverSearch();
  return [
    ...finding(
      'unchecked-namespace',
      entriesOf('namespaces', namespaces, (name) => uncheckedNamespaces.includes(name)),
    ),
    ...finding('covered-entry', [
      // A namespace by its name makes a default more specific than the same namespace by a pattern.
      ...entriesOf(
        'namespaces',
        namespaces,
        (name, index) => (defaultRole === undefined || isGlob(name)) && isCovered(namespaces, name, index),
      ),
      ...entriesOf('roles', roles, (role, index) => role !== defaultRole && isCovered(roles, role, index)),
      ...entriesOf('serviceAccounts', serviceAccounts, (name, index) =>
        isCovered(serviceAccounts, name, index, isGlob),
      ),
    ]),
    ...finding('regular-expression', [
      ...entriesOf('roles', roles, isLikeExpression),
      ...entriesOf('serviceAccounts', serviceAccounts, isLikeExpression),
    ]),
  ];
}

function isLikeExpression(entry: string): boolean {
  return entry.includes('.*');
}

/** Globs with many stars make a comparison expensive, and this is only a warning. */
const MAX_COMPARED = 10_000;

/** Of roles and namespaces, an entry that is anything has a warning of its own, which asks for the other entries. */
function isPartial(glob: string): boolean {
  return !isAnything(glob);
}

type CoverSearch = (
  entries: readonly string[],
  entry: string,
  index: number,
  isCover?: (glob: string) => boolean,
) => boolean;

/** Creates the search for an entry that matches all that another entry of its field matches. */
function createCoverSearch(): CoverSearch {
  let compared = 0;
  return (entries, entry, index, isCover = isPartial) =>
    entries.some((other, otherIndex) => {
      const canCover = otherIndex !== index && (isGlob(other) ? isCover(other) : otherIndex < index);
      if (!canCover || compared === MAX_COMPARED) {
        return false;
      }
      compared++;
      // A star of the entry is a character that only a star of the other can match. Of two that cover each other the first stays.
      return matchesGlob(other, entry) && (otherIndex < index || !matchesGlob(entry, other));
    });
}

/** The finding of these fields; none if there are none. */
export function finding(rule: LintRule, fields: readonly FieldRef[]): readonly LintFinding[] {
  return fields.length === 0 ? [] : [{ rule, fields }];
}

/** The entries of a field of the spec for which a condition holds. */
export function entriesOf(
  field: ListField,
  entries: readonly string[],
  holds: (entry: string, index: number) => boolean,
): readonly FieldRef[] {
  return entries.flatMap((value, index) =>
    holds(value, index) ? [{ path: `spec.${field}[${index}]`, value }] : [],
  );
}
