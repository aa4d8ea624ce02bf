import type { CompiledAllowlist } from '../policy/compiled-allowlist.ts';
import type { Violation } from '../policy/evaluate.ts';
import { hintFor } from '../policy/hints.ts';
import { cut, printable, quoted } from '../policy/printable.ts';
import type { Subject } from '../policy/subject.ts';
import { formatTimeLeft } from './time-left.ts';

/** The API server cuts longer warnings. */
const MAX_WARNING_CHARACTERS = 255;
const MAX_LISTED = 10;
const MAX_CONTACTS = 3;
/** Contacts and reasons come from allowlists, which bound them to 128 code points, and are shown whole. */
const MAX_ALLOWLIST_TEXT_CHARACTERS = 256;

/** The message of a refusal: what, where, why, and what to do. */
export function denialMessage(subject: Subject, violation: Violation): string {
  const { selecting, applying } = violation;
  const hint = hintFor(violation);
  const contacts = unique(
    selecting.map(({ spec }) => spec.contact ?? '').filter((contact) => contact !== ''),
  );
  return [
    `RAM role ${quoted(violation.role)} is not allowed for ServiceAccount ${quoted(subject.serviceAccount)} in ${inNamespace(subject)}`,
    `: ${why(violation)}`,
    hint === undefined ? '' : `; hint: ${hint}`,
    `; allowlists consulted: ${listed(selecting.map(({ name }) => name))}`,
    `; roles allowed there: ${listed(applying.flatMap(({ roles }) => roles))}`,
    `; ask: ${contacts.length === 0 ? 'whoever keeps the allowlists (RamRoleAllowlist)' : contacts.slice(0, MAX_CONTACTS).map(fromAllowlist).join(', ')}`,
  ].join('');
}

/** The warning for a pod that is admitted although its role is not allowed. */
export function admissionWarning(subject: Subject, violation: Violation): string {
  return warning(subject, violation, 'admitted all the same for now');
}

/** The warning for a pod that went on without the role it named. */
export function stripWarning(subject: Subject, violation: Violation): string {
  const { defaultRole } = violation;
  const outcome = defaultRole === undefined ? '' : `, ${quoted(defaultRole.role)} set by default`;
  return warning(subject, violation, `annotation removed${outcome}`);
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

function warning(subject: Subject, violation: Violation, outcome: string): string {
  const hint = hintFor(violation);
  const text = `RAM role ${quoted(violation.role)} is not allowed in ${inNamespace(subject)}, ${outcome}: ${why(violation)}`;
  return toWarning(hint === undefined ? text : `${text}; hint: ${hint}`);
}

/** Cuts a text to what the API server passes on as a warning. */
export function toWarning(text: string): string {
  return text.length <= MAX_WARNING_CHARACTERS ? text : `${cut(text, MAX_WARNING_CHARACTERS - 1)}…`;
}

function why({ reason, expired }: Violation): string {
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
      return 'no allowlist allows it to this pod';
  }
}

function inNamespace({ namespace }: Subject): string {
  return namespace === '' ? 'a request without a namespace' : `namespace ${quoted(namespace)}`;
}

function toInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

function fromAllowlist(contact: string): string {
  return printable(contact, MAX_ALLOWLIST_TEXT_CHARACTERS);
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
