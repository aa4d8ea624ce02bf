import type { ViolationAction } from '../../../policy/violation-action.ts';
import { quoted } from '../../../text/printable.ts';
import type { CompiledChange } from '../compare-namespaces.ts';
import type { NamespaceSurvey } from '../survey-namespaces.ts';
import { type AllowlistWarning, warnOf } from './finding.ts';

const OUTCOMES: Readonly<Record<ViolationAction, string>> = {
  Deny: 'is refused',
  Strip: 'goes on without it',
  Warn: 'is admitted with a warning',
  Audit: 'is admitted, told in the audit log alone',
};

/** Finds namespaces that a change leaves with a softer action, whichever list they had it from. */
export function warnOfSofterAction(
  { before }: CompiledChange,
  { softened }: NamespaceSurvey,
): readonly AllowlistWarning[] {
  const [first] = softened;
  if (first === undefined) {
    return [];
  }
  const { namespace, from, to, isSelected } = first;
  const field = before?.spec.namespaces === undefined ? 'namespaceSelector' : 'namespaces';
  const others = softened.length - 1;
  const more = others === 0 ? '' : ` (softer in ${others} more)`;
  return warnOf(
    [{ path: isSelected ? 'spec.violationAction' : `spec.${field}` }],
    `namespace "${namespace}" goes from ${from} to ${to}${more}: a pod with a role that no list allows ${OUTCOMES[to]}`,
    `keep ${from} unless you mean it`,
  );
}

/** Tells of another list that gives pods of one namespace another default. */
export function warnOfConflict(
  { after }: CompiledChange,
  { conflict }: NamespaceSurvey,
): readonly AllowlistWarning[] {
  if (conflict === undefined) {
    return [];
  }
  const { namespace, other, role, otherRole } = conflict;
  const [winner, wins] = after.name < other ? ['this list', role] : ['the other', otherRole];
  return warnOf(
    [{ path: 'spec.defaultRole', value: role }],
    `allowlist ${quoted(other)} has the default "${otherRole}" for namespace "${namespace}" too; ${winner} sorts first by name, so pods get "${wins}"`,
    'leave one of them out',
  );
}
