import type { DefaultRole } from '../../policy/default-role.ts';
import type { Violation } from '../../policy/evaluate.ts';
import type { Subject } from '../../policy/subject.ts';
import { printable, quoted } from '../../text/printable.ts';
import {
  denialMessage,
  MAX_WARNING_CHARACTERS,
  toWarning,
  violationHead,
  violationWarning,
  why,
} from '../messages.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import type { Misplaced } from './workload.ts';

/** The longest reason, but for the names of lists in it. */
const MAX_REASON_CHARACTERS = 52;

/** The most characters of a warning that a name may take, and the way to a place. */
type Widths = Readonly<{ name: number; path: number }>;

const WIDEST: Widths = { name: 80, path: 80 };

/** What comes of the pods, and why, is told in any case: the way gives way first, then the names. */
const NARROWER: readonly Widths[] = [
  { name: 80, path: 40 },
  { name: 80, path: 0 },
  { name: 48, path: 0 },
  { name: 32, path: 0 },
  { name: 20, path: 0 },
];

/** What a message is about: the kind of a workload, and where in it a role is named, if that cannot go without saying. */
export type Whose = Readonly<{ kind: string; path?: string | undefined }>;

/** The message of a workload's refusal. */
export function workloadDenialMessage(whose: Whose, subject: Subject, violation: Violation): string {
  return `${podsOf(whose)} would be refused: ${denialMessage(subject, violation)}`;
}

/** The warning for a workload whose pods will be refused, or lose their role, or keep it for now. */
export function workloadWarning(whose: Whose, subject: Subject, violation: Violation): string {
  const whatComes = (widths: Widths) => `${podsOf(whose, widths)} will be ${outcome(violation, widths)}`;
  const reason = ': …'.length + Math.min(why(violation, 'them').length, MAX_REASON_CHARACTERS);
  const widths = findWidths(
    (widths) => violationHead(subject, violation, whatComes(widths), widths.name),
    MAX_WARNING_CHARACTERS - reason,
  );
  return violationWarning(subject, violation, whatComes(widths), 'them', widths.name);
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
    `annotation ${quoted(key)} gives pods of this ${shown(kind)} no RAM role: ${meant}; at ${printable(path)}`,
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
  const what = (widths: Widths) =>
    `${podsOf(whose, widths)} ask for RAM role ${quoted(role, widths.name)} by annotation and for one by RRSA as well (${rrsa})`;
  const widths = findWidths(what, MAX_WARNING_CHARACTERS - '…'.length);
  return toWarning(`${what(widths)}: which of them counts is up to the application, keep one`);
}

/** Finds how wide the values of a text may be shown for it to have at most `max` characters. */
function findWidths(toText: (widths: Widths) => string, max: number): Widths {
  return NARROWER.reduce((widths, narrower) => (toText(widths).length <= max ? widths : narrower), WIDEST);
}

function outcome({ action, defaultRole }: Violation, { name }: Widths): string {
  if (action === 'Strip') {
    return defaultRole === undefined
      ? 'stripped of it'
      : `stripped of it and get ${quoted(defaultRole.role, name)} by default`;
  }
  return action === 'Deny' ? 'refused' : 'admitted all the same for now';
}

function podsOf({ kind, path }: Whose, widths = WIDEST): string {
  const where = path === undefined || widths.path === 0 ? '' : ` (${shortened(path, widths.path)})`;
  return `pods of this ${shown(kind, widths.name)}${where}`;
}

function shown(kind: string, max = WIDEST.name): string {
  return shortened(kind, max) || 'workload';
}

function shortened(value: string, max: number): string {
  return `${printable(value, max)}${value.length > max ? '…' : ''}`;
}
