import type { Allowlist, AllowlistSpec } from '../policy/schema/allowlist.ts';
import type { ViolationAction } from '../policy/violation-action.ts';
import { printable } from '../text/printable.ts';
import { buildGlobsExpression } from './cel-globs.ts';
import { buildLabelsExpression } from './cel-label-selector.ts';
import { celText } from './cel-text.ts';

/** What a ValidatingAdmissionPolicy's binding can do about a violation. */
export type PolicyAction = Exclude<ViolationAction, 'Strip'>;

/** Nothing can be stripped where nothing can be changed. */
export function toPolicyAction(action: ViolationAction): PolicyAction {
  return action === 'Strip' ? 'Deny' : action;
}

/** Contacts come from allowlists, which bound them to 128 code points. */
const MAX_CONTACT_CHARACTERS = 256;

/**
 * One allowlist as an expression of CEL: an empty list where it does not select the namespace, else a list of texts: what
 * it says of the role (`allowed`, `expired`, `not-allowed`), its action, its name, its contact and, where it has one, when
 * it expires.
 */
export function buildAllowlistEntry({ name, spec }: Allowlist): string {
  const { contact = '', violationAction, expiresAt } = spec;
  const facts = [toPolicyAction(violationAction), name, printable(contact, MAX_CONTACT_CHARACTERS)];
  const expiry = expiresAt === undefined ? [] : [expiresAt];
  const entry = `[${[buildState(spec), ...[...facts, ...expiry].map(celText)].join(', ')}]`;
  return `${buildSelects(spec)} ? ${entry} : []`;
}

function buildSelects({ namespaces = [], namespaceSelector }: AllowlistSpec): string {
  return namespaceSelector === undefined
    ? buildGlobsExpression('request.namespace', namespaces)
    : buildLabelsExpression('variables.labels', namespaceSelector);
}

/** CEL knows no time before the year 1; no pod is that old. */
function toCelTimestamp(instant: string): string {
  return instant.startsWith('0000') ? '0001-01-01T00:00:00Z' : instant;
}

function buildState({ roles, serviceAccounts, expiresAt }: AllowlistSpec): string {
  const allows = buildGlobsExpression('variables.roleName', roles);
  const covers =
    serviceAccounts === undefined ? [] : [buildGlobsExpression('variables.account', serviceAccounts)];
  const names = [...covers, allows].join(' && ');
  const state =
    expiresAt === undefined
      ? "'allowed'"
      : `timestamp(object.metadata.creationTimestamp) < timestamp(${celText(toCelTimestamp(expiresAt))}) ? 'allowed' : 'expired'`;
  return `!(${names}) ? 'not-allowed' : ${state}`;
}
