import type { CompiledAllowlist } from '../policy/allowlist.ts';
import type { Violation } from '../policy/evaluate.ts';
import { hintFor } from '../policy/hints.ts';
import { MAX_SHORT_TEXT_LENGTH } from '../policy/schema/fields.ts';
import type { Subject } from '../policy/subject.ts';
import { MAX_LISTED, MAX_SHOWN_CHARACTERS, printable, quoted, shorten } from '../text/printable.ts';
import { firstSorted } from '../text/sorted.ts';
import { ROLE_ANNOTATION } from './role-annotation.ts';

// What the messages of all paths share. Each says the verdict with the role and the namespace, then the fix, then the roles
// that are allowed, then whom to ask.

/** The API server cuts longer warnings. */
export const MAX_WARNING_CHARACTERS = 255;

/** The message of a denial. */
export function denialMessage(subject: Subject, violation: Violation): string {
  return `${sentence(withFix(verdict(subject, violation), violation))} ${remedy(subject, violation)}`;
}

/** The end of a denial: the roles that are allowed, and whom to ask. */
export function remedy(subject: Pick<Subject, 'serviceAccount'>, violation: Violation): string {
  const { contacts } = violation.selection.summary;
  const contact =
    contacts.length === 0 ? 'your cluster administrator' : contacts.map(fromAllowlist).join(', ');
  return `${allowedRoles(subject, violation)}Contact: ${contact}`;
}

function allowedRoles(
  { serviceAccount }: Pick<Subject, 'serviceAccount'>,
  { selection, roles: { roles, isComplete } }: Violation,
): string {
  const { ranked, summary } = selection;
  if (ranked.length === 0) {
    return '';
  }
  const names = `${summary.names.join(', ')}${andMore(ranked.length - summary.names.length)}`;
  const who = serviceAccount === undefined ? '' : ` for ServiceAccount ${quoted(serviceAccount)}`;
  if (roles.length === 0 && !isComplete) {
    return `Allowlists: ${names}. `;
  }
  const verdict = roles.length === 0 ? 'No role is allowed' : 'Allowed';
  const more = isComplete ? andMore(new Set(roles).size - MAX_LISTED) : ' and more';
  const shown = roles.length === 0 ? '' : `: ${firstSorted(roles, MAX_LISTED).join(', ')}${more}`;
  return `${verdict}${who}${shown} (allowlists: ${names}). `;
}

/** The warning for a violation with this outcome; of each name at most `max` characters are shown. */
export function violationWarning(
  subject: Subject,
  violation: Violation,
  outcome: string,
  max = MAX_SHOWN_CHARACTERS,
): string {
  return toWarning(withFix(verdict(subject, violation, outcome, max), violation));
}

/** The role and the namespace, the outcome if there is one to report, and the cause. */
function verdict(subject: Subject, violation: Violation, outcome?: string, max?: number): string {
  const cause = causeOf(violation);
  return `${verdictHead(subject, violation, outcome, max)}${cause === '' ? '' : `: ${cause}`}`;
}

/** The first words of a verdict, before its cause. */
export function verdictHead(
  subject: Subject,
  { role, reason }: Violation,
  outcome?: string,
  max?: number,
): string {
  const what =
    reason === 'invalid-name' ? 'is not a RAM role name' : `is not allowed in ${inNamespace(subject, max)}`;
  return `RAM role ${quoted(role, max)} ${what}${outcome === undefined ? '' : `, ${outcome}`}`;
}

/** Why the role is not allowed; empty if the verdict says it all. */
export function causeOf({ reason, expired }: Violation): string {
  switch (reason) {
    case 'protected':
      return 'no allowlist can allow a protected role';
    case 'unknown-namespace':
      return 'the webhook does not know this namespace yet; try again';
    case 'no-allowlist':
      return 'no allowlist selects this namespace';
    case 'expired':
      return describeExpired(expired);
    case 'invalid-name':
    case 'not-allowed':
      return '';
  }
}

function describeExpired(expired: readonly CompiledAllowlist[]): string {
  const verdict = expired.length === 1 ? 'the allowlist has expired' : 'the allowlists have expired';
  const names = firstSorted(
    expired.map(({ name, expiresAt }) => `${name} at ${toInstant(expiresAt)}`),
    MAX_LISTED,
  );
  return `${verdict} (${names.join(', ')}${andMore(expired.length - MAX_LISTED)})`;
}

/** Puts the fix behind a text if the value shows the mistake. */
export function withFix(text: string, violation: Violation): string {
  const fix = hintFor(violation);
  if (fix === undefined) {
    return text;
  }
  return `${text}${violation.reason === 'invalid-name' ? ':' : ';'} ${fix}`;
}

/** How much of a path is shown before the fix. */
const MAX_PATH_CHARACTERS = 60;

/** The warning for a key that is nearly that of the annotation, in a map of an object of this kind. */
export function misspeltWarning(kind: string, key: string, path: string): string {
  return toWarning(`${describeMisspelt(kind, key, path)}; did you mean ${ROLE_ANNOTATION}?`);
}

/** The warning for a label by which somebody probably wanted to name the role. */
export function labelWarning(kind: string, key: string, path: string): string {
  const shownPath = printable(shorten(path, MAX_PATH_CHARACTERS));
  return toWarning(
    `label ${quoted(key)} in ${shownPath} of this ${shownKind(kind)} sets no RAM role; set the annotation ${ROLE_ANNOTATION}`,
  );
}

/** The first words of a warning about such a key. */
export function describeMisspelt(kind: string, key: string, path: string): string {
  const shownPath = printable(shorten(path, MAX_PATH_CHARACTERS));
  return `annotation ${quoted(key)} in ${shownPath} of this ${shownKind(kind)} sets no RAM role`;
}

/** A kind of object as messages show it. */
export function shownKind(kind: string, max = MAX_SHOWN_CHARACTERS): string {
  return printable(shorten(kind, max)) || 'workload';
}

/** Ends a sentence, unless it ends already. */
export function sentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`;
}

/** Cuts a text to what the API server passes on as a warning. */
export function toWarning(text: string): string {
  return shorten(text, MAX_WARNING_CHARACTERS);
}

export function inNamespace({ namespace }: Subject, max = MAX_SHOWN_CHARACTERS): string {
  return namespace === '' ? 'a request without a namespace' : `namespace ${quoted(namespace, max)}`;
}

/** A time in milliseconds since the epoch as users write and read it. */
export function toInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** A text that an allowlist bounds, such as its contact; it is shown whole. */
export function fromAllowlist(text: string): string {
  return printable(text, MAX_SHORT_TEXT_LENGTH);
}

/** The number of the values that a list leaves out; empty if it has all of them. */
function andMore(rest: number): string {
  return rest > 0 ? ` and ${rest} more` : '';
}
