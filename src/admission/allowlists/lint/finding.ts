/** A role that ACK once made with wide permissions; its documentation still shows it as an example. */
export const WIDE_ROLE = 'AliyunECIContainerGroupRole';

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
  | 'distant-expiry';

/** A field of an allowlist: its path, and its value if that helps to find it. */
export type FieldRef = Readonly<{ path: string; value?: string }>;

/** All fields of an allowlist, at least one, to which a rule applies. */
export type LintFinding = Readonly<{ rule: LintRule; fields: readonly FieldRef[] }>;

/** The finding of these fields; none if there are none. */
export function finding(rule: LintRule, fields: readonly FieldRef[]): readonly LintFinding[] {
  return fields.length === 0 ? [] : [{ rule, fields }];
}

/** The entries of a field of the spec for which a condition holds. */
export function entriesOf(
  field: 'namespaces' | 'roles',
  entries: readonly string[],
  holds: (entry: string) => boolean,
): readonly FieldRef[] {
  return entries.flatMap((value, index) =>
    holds(value) ? [{ path: `spec.${field}[${index}]`, value }] : [],
  );
}
