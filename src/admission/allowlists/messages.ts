import type { AllowlistProblems } from '../../policy/schema/parse.ts';
import { boundSetting, describeBound, type ExceededBound } from '../../policy/share.ts';
import type { ViolationAction } from '../../policy/violation-action.ts';
import { quoted, shorten } from '../../text/printable.ts';
import { formatPath, type Problem } from '../../text/problem.ts';
import { MAX_WARNING_CHARACTERS, toWarning } from '../messages.ts';
import { WIDE_ROLE } from './lint.ts';
import type { FieldRef, LintFinding, LintRule } from './lint-entries.ts';

const NAME_THE_NAMESPACES = 'name the namespaces that need these roles';
const NARROWER_ROLE = 'create a role with only the permissions that these pods need';

/** The consequence of each finding, and the fix. */
const FINDINGS: Readonly<Record<LintRule, string>> = {
  'protected-default':
    'protected role, so it is not injected and the allowlist is Invalid; use another role, or remove this field',
  'protected-role': 'protected role, which no allowlist can allow; remove this entry',
  'matches-protected-roles':
    'also matches protected roles, which stay denied; name the roles, or use a prefix that no protected role has',
  'any-role':
    'allows every role that is not protected, including roles of other teams; name the roles, or use a prefix that only your roles have',
  'wide-role': `allows ${WIDE_ROLE}, a legacy role with wide permissions; ${NARROWER_ROLE}`,
  'wide-default': `legacy role with wide permissions, injected into pods that name no role; ${NARROWER_ROLE}`,
  'any-namespace': `selects every namespace, including future ones; ${NAME_THE_NAMESPACES}`,
  'open-pattern':
    'anyone who can create a matching namespace gets these roles; name the namespaces, unless only you can create namespaces',
  'empty-selector': `empty, so it selects every namespace, including future ones; ${NAME_THE_NAMESPACES}`,
  'open-selector': `also selects future namespaces, so anyone who can create a namespace gets these roles; ${NAME_THE_NAMESPACES}`,
  'settable-label':
    'anyone who can update a namespace can set or remove this label; use spec.namespaces, or the label kubernetes.io/metadata.name',
  expired: 'in the past, so the allowlist allows nothing; set a later time, or delete the allowlist',
  'distant-expiry':
    'more than a year ahead; check the year, or remove this field if the allowlist does not expire',
  'unchecked-namespace':
    'pods of this namespace are not checked (validatingWebhook.excludedNamespaces), so the entry has no effect; remove it',
  'covered-entry': 'another entry matches all of it, so it has no effect; remove it',
  'regular-expression':
    'reads like a regular expression, but a dot only matches a dot; remove the dot unless the names have it',
};

const OUTCOMES: Readonly<Record<ViolationAction, string>> = {
  Deny: 'are denied',
  Strip: 'lose the annotation',
  Warn: 'are admitted with a warning',
  Audit: 'only appear in the audit log',
};

/** The warning of a finding: its fields, the consequence and the fix. */
export function findingWarning({ rule, fields }: LintFinding): string {
  return toWarning(`${listFields(fields)}: ${FINDINGS[rule]}`);
}

/** The warning for an allowlist whose own action becomes softer. */
export function softerActionWarning(from: ViolationAction, to: ViolationAction): string {
  return `spec.violationAction: changes from ${from} to ${to}: pods with a role that is not allowed ${OUTCOMES[to]}, unless another allowlist is stricter; keep ${from} unless you intend this`;
}

/** The denial of an allowlist that would exceed a bound. */
export function exceededDenial(exceeded: ExceededBound): string {
  return `the allowlist exceeds a bound: with it, ${describeBound(exceeded)} (${exceeded.entries}); delete allowlists or entries, or raise ${boundSetting(exceeded)}`;
}

const INVALID = '; the allowlist is Invalid';
const INVALID_MEANS = ': it allows nothing, and denies in the namespaces that it selects';

/** The warnings of an allowlist that its schema does not accept. */
export function invalidWarnings({ problems, more }: AllowlistProblems): readonly string[] {
  return [
    ...new Set(problems.map(invalidWarning)),
    ...(more > 0 ? [`the allowlist is Invalid; problems not shown: ${more}`] : []),
  ];
}

/** Leaves out the meaning before the verdict, if there is no room for both. */
function invalidWarning({ path, expected, found }: Problem): string {
  const problem = `${formatPath(path) || 'the object'}: expected ${expected}, found ${found}`;
  const text = problem + INVALID + INVALID_MEANS;
  return text.length <= MAX_WARNING_CHARACTERS
    ? text
    : shorten(problem, MAX_WARNING_CHARACTERS - INVALID.length) + INVALID;
}

/** Leaves room for the longest sentence. */
const MAX_FIELDS_CHARACTERS = 90;

function listFields(fields: readonly FieldRef[]): string {
  let text = '';
  let shown = 0;
  for (const { path, value } of fields) {
    const field = value === undefined ? path : `${path} ${quoted(value)}`;
    if (shown > 0 && text.length + field.length > MAX_FIELDS_CHARACTERS) {
      break;
    }
    text += shown === 0 ? field : `, ${field}`;
    shown++;
  }
  return shown === fields.length ? text : `${text} and ${fields.length - shown} more`;
}
