import type { Allowlist } from '../policy/schema/allowlist.ts';
import type { ViolationAction } from '../policy/violation-action.ts';
import type { ExportSettings } from './policy-variables.ts';
import { MAX_EXAMINED_CHARACTERS } from './protected-roles-expression.ts';

/** What allowlists and settings say that no ValidatingAdmissionPolicy can, a line each, with the names of the lists. */
export function describeLosses(
  allowlists: readonly Allowlist[],
  { unlistedNamespaces }: ExportSettings,
): readonly string[] {
  const withDefault = namesOf(allowlists.filter(({ spec }) => spec.defaultRole !== undefined));
  const stripping = namesOf(allowlists.filter(({ spec }) => spec.violationAction === 'Strip'));
  return [
    ...(withDefault === ''
      ? []
      : [`defaultRole is left out, since a policy sets no annotation: ${withDefault}`]),
    ...(stripping === ''
      ? []
      : [`violationAction Strip is written as Deny, since a policy removes no annotation: ${stripping}`]),
    ...(unlistedNamespaces === 'Strip'
      ? ['--unlisted-namespaces Strip is written as Deny, since a policy removes no annotation']
      : []),
    ...(allowlists.length === 0 ? ['there is no allowlist, so that every namespace is unlisted'] : []),
    ...(isSofter(unlistedNamespaces) || allowlists.some(({ spec }) => isSofter(spec.violationAction))
      ? [
          `a role of more than ${MAX_EXAMINED_CHARACTERS} characters is refused whatever the actions say, since to compare it with protected roles costs too much`,
        ]
      : []),
  ];
}

function isSofter(action: ViolationAction): boolean {
  return action === 'Warn' || action === 'Audit';
}

function namesOf(allowlists: readonly Allowlist[]): string {
  return allowlists
    .map(({ name }) => name)
    .sort()
    .join(', ');
}
