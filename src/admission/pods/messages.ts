import type { CompiledAllowlist } from '../../policy/allowlist.ts';
import type { Violation } from '../../policy/evaluate.ts';
import type { Subject } from '../../policy/subject.ts';
import { formatTimeLeft, quoted } from '../../text/printable.ts';
import { formatProblem, type Problem } from '../../text/problem.ts';
import {
  fromAllowlist,
  inNamespace,
  labelWarning,
  misspeltWarning,
  toInstant,
  toWarning,
  violationWarning,
} from '../messages.ts';

/** The warning for a pod that is admitted although its role is not allowed. */
export function admissionWarning(subject: Subject, violation: Violation): string {
  return violationWarning(subject, violation, `admitted (${settingOf(violation)})`);
}

/** The warning for a pod that is admitted without the role it named. */
export function stripWarning(subject: Subject, violation: Violation): string {
  const { defaultRole } = violation;
  const injected = defaultRole === undefined ? '' : `, default role ${quoted(defaultRole.role)} injected`;
  return violationWarning(subject, violation, `annotation removed (${settingOf(violation)})${injected}`);
}

/**
 * The setting that chose the action: the allowlists', or that for namespaces without one. A value that is not a role name
 * gets the stricter of both.
 */
function settingOf({ action, selection }: Violation): string {
  const isOfAllowlist = selection.summary.actions.has(action);
  return `${isOfAllowlist ? 'violationAction' : 'unlistedNamespaces'}: ${action}`;
}

/** The warning for a role that is allowed for a limited time only. */
export function expiryWarning(
  subject: Subject,
  role: string,
  { expiresAt, spec }: CompiledAllowlist,
  now: number,
): string {
  const text = `RAM role ${quoted(role)} is allowed in ${inNamespace(subject)} for another ${formatTimeLeft(expiresAt - now)}, until ${toInstant(expiresAt)}`;
  return toWarning(spec.reason === undefined ? text : `${text} (reason: ${fromAllowlist(spec.reason)})`);
}

/** The warning for a pod with a key that is nearly that of the annotation. */
export function misspeltKeyWarning(key: string): string {
  return misspeltWarning('Pod', key, 'metadata.annotations');
}

/** The warning for a pod with a label that was probably meant to be the annotation. */
export function roleLabelWarning(key: string): string {
  return labelWarning('Pod', key, 'metadata.labels');
}

/** The message for a pod that no API server would send. */
export function malformedMessage(problem: Problem): string {
  return `cannot read this pod: ${formatProblem(problem)}`;
}
