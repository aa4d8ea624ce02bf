import type { CompiledAllowlist } from '../policy/allowlist.ts';
import type { Violation } from '../policy/evaluate.ts';
import { hintFor } from '../policy/hints.ts';
import type { Subject } from '../policy/subject.ts';
import { formatTimeLeft } from '../text/duration.ts';
import { MAX_SHOWN_CHARACTERS, printable, quoted, shorten } from '../text/printable.ts';

/** The API server cuts longer warnings. */
export const MAX_WARNING_CHARACTERS = 255;
const MAX_LISTED = 10;
const MAX_CONTACTS = 3;
const THIS_POD = 'this pod';
/** Contacts and reasons come from allowlists, which bound them to 128 code points, and are shown whole. */
const MAX_ALLOWLIST_TEXT_CHARACTERS = 256;

/** The message of a refusal: what, where, why, and what to do. */
export function denialMessage(subject: Subject, violation: Violation): string {
  const what = `RAM role ${quoted(violation.role)} is not allowed${forServiceAccount(subject)}`;
  return `${what} in ${inNamespace(subject)}: ${why(violation, THIS_POD)}${whatToDo(violation)}`;
}

/** The end of a refusal: what was probably meant, what is allowed and whom to ask. */
export function whatToDo(violation: Violation): string {
  const { selecting, applying } = violation;
  const contacts = unique(
    selecting.map(({ spec }) => spec.contact ?? '').filter((contact) => contact !== ''),
  );
  return [
    hintOf(violation),
    `; allowlists consulted: ${listed(selecting.map(({ name }) => name))}`,
    `; roles allowed there: ${listed(applying.flatMap(({ roles }) => roles))}`,
    `; ask: ${contacts.length === 0 ? 'whoever keeps the allowlists (RamRoleAllowlist)' : contacts.slice(0, MAX_CONTACTS).map(fromAllowlist).join(', ')}`,
  ].join('');
}

/** What was probably meant, as the next part of a message; empty where nothing shows it. */
export function hintOf(violation: Violation): string {
  const hint = hintFor(violation);
  return hint === undefined ? '' : `; hint: ${hint}`;
}

/** The warning for a pod that is admitted although its role is not allowed. */
export function admissionWarning(subject: Subject, violation: Violation): string {
  return violationWarning(subject, violation, 'admitted all the same for now', THIS_POD);
}

/** The warning for a pod that went on without the role it named. */
export function stripWarning(subject: Subject, violation: Violation): string {
  const { defaultRole } = violation;
  const outcome = defaultRole === undefined ? '' : `, ${quoted(defaultRole.role)} set by default`;
  return violationWarning(subject, violation, `annotation removed${outcome}`, THIS_POD);
}

/** The warning for a role that is allowed for a limited time only. */
export function expiryWarning(
  subject: Subject,
  role: string,
  { expiresAt, spec }: CompiledAllowlist,
  now: number,
): string {
  const text = `RAM role ${quoted(role)} is allowed in ${inNamespace(subject)} for ${formatTimeLeft(expiresAt - now)} more, until ${toInstant(expiresAt)}`;
  return toWarning(spec.reason === undefined ? text : `${text}: ${fromAllowlist(spec.reason)}`);
}

/** The message for what no API server would send. */
export function malformedMessage(problem: string): string {
  return `malformed pod: ${problem}`;
}

/** The warning of a violation: what comes of it, and `whom` the role is not allowed to; of the names at most `max` characters. */
export function violationWarning(
  subject: Subject,
  violation: Violation,
  outcome: string,
  whom: string,
  max = MAX_SHOWN_CHARACTERS,
): string {
  return toWarning(
    `${violationHead(subject, violation, outcome, max)}: ${why(violation, whom)}${hintOf(violation)}`,
  );
}

/** What such a warning begins with, before the reason. */
export function violationHead(subject: Subject, { role }: Violation, outcome: string, max: number): string {
  return `RAM role ${quoted(role, max)} is not allowed in ${inNamespace(subject, max)}, ${outcome}`;
}

/** Cuts a text to what the API server passes on as a warning. */
export function toWarning(text: string): string {
  return shorten(text, MAX_WARNING_CHARACTERS);
}

/** Why a role may not be named, and to `whom` it is not allowed. */
export function why({ reason, expired }: Violation, whom: string): string {
  switch (reason) {
    case 'protected':
      return 'it is a protected role, which no allowlist can open';
    case 'unknown-namespace':
      return 'the namespace is not known here yet, try again in a moment';
    case 'invalid-name':
      return 'no RAM role can have this name';
    case 'no-allowlist':
      return 'no allowlist selects the namespace';
    case 'expired':
      return `the allowlists that allowed it have expired (${listed(expired.map(({ name, expiresAt }) => `${name} at ${toInstant(expiresAt)}`))})`;
    case 'not-allowed':
      return `no allowlist allows it to ${whom}`;
  }
}

function forServiceAccount({ serviceAccount }: Subject): string {
  return serviceAccount === undefined ? '' : ` for ServiceAccount ${quoted(serviceAccount)}`;
}

function inNamespace({ namespace }: Subject, max = MAX_SHOWN_CHARACTERS): string {
  return namespace === '' ? 'a request without a namespace' : `namespace ${quoted(namespace, max)}`;
}

/** A time in milliseconds since the epoch as users write and read it. */
export function toInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

function fromAllowlist(text: string): string {
  return printable(text, MAX_ALLOWLIST_TEXT_CHARACTERS);
}

function listed(values: readonly string[]): string {
  const all = unique(values);
  if (all.length === 0) {
    return 'none';
  }
  const rest = all.length - MAX_LISTED;
  return all.slice(0, MAX_LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
