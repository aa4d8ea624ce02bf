import type { DefaultRole } from '../../policy/default-role.ts';
import type { Violation } from '../../policy/evaluate.ts';
import { printable, quoted } from '../../policy/printable.ts';
import type { Subject } from '../../policy/subject.ts';
import { denialMessage, toWarning, violationWarning } from '../messages.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import type { Misplaced } from './workload.ts';

/** The most that is shown of where something lies. */
const MAX_PATH_CHARACTERS = 120;

/** What a message is about: the kind of a workload, and where in it a role is named, if that cannot go without saying. */
export type Whose = Readonly<{ kind: string; path?: string | undefined }>;

/** The message of a workload's refusal. */
export function workloadDenialMessage(whose: Whose, subject: Subject, violation: Violation): string {
  return `${podsOf(whose)} would be refused: ${denialMessage(subject, violation)}`;
}

/** The warning for a workload whose pods will be refused, or lose their role, or keep it for now. */
export function workloadWarning(whose: Whose, subject: Subject, violation: Violation): string {
  return violationWarning(subject, violation, `${podsOf(whose)} will be ${outcome(violation)}`, 'them');
}

/** The warning for a workload whose pods name no role and will get one. */
export function defaultWarning(whose: Whose, { role, allowlist }: DefaultRole): string {
  return toWarning(
    `${podsOf(whose)} will get RAM role ${quoted(role)}, the default of allowlist ${quoted(allowlist)}, since they name none`,
  );
}

/** The warning for a key that is nearly the annotation's; `belongsIn` where the right one is of no use there either. */
export function misspeltWarning({ kind }: Whose, key: string, path: string, belongsIn?: string): string {
  const meant = `perhaps ${ROLE_ANNOTATION} is meant${belongsIn === undefined ? '' : `, in ${belongsIn}`}`;
  return toWarning(
    `annotation ${quoted(key)} gives pods of this ${shown(kind)} no RAM role: ${meant}; at ${printable(path, MAX_PATH_CHARACTERS)}`,
  );
}

/** The warning for an annotation that no pod gets. */
export function misplacedWarning(whose: Whose, { path, misspeltKey, role, belongsIn }: Misplaced): string {
  if (misspeltKey !== undefined) {
    return misspeltWarning(whose, misspeltKey, path, belongsIn);
  }
  const { kind } = whose;
  return toWarning(
    `RAM role ${quoted(role)} in ${path} of this ${shown(kind)} has no effect: ECI reads it from pods, put the annotation in ${belongsIn}`,
  );
}

/** The warning for pods that ask for a role in two ways. */
export function rrsaWarning(whose: Whose, role: string, rrsa: string): string {
  return toWarning(
    `${podsOf(whose)} ask for RAM role ${quoted(role)} by annotation and for one by RRSA as well (${rrsa}): which of them counts is up to the application, keep one`,
  );
}

function outcome({ action, defaultRole }: Violation): string {
  if (action === 'Strip') {
    return defaultRole === undefined
      ? 'stripped of it'
      : `stripped of it and get ${quoted(defaultRole.role)} by default`;
  }
  return action === 'Deny' ? 'refused' : 'admitted all the same for now';
}

function podsOf({ kind, path }: Whose): string {
  return `pods of this ${shown(kind)}${path === undefined ? '' : ` (${printable(path)})`}`;
}

function shown(kind: string): string {
  return printable(kind) || 'workload';
}
