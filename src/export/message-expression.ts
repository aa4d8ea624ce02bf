import { MAX_LISTED, MAX_SHOWN_CHARACTERS } from '../text/printable.ts';
import type { PolicyAction } from './allowlist-entry.ts';

const MAX_CONTACTS = 3;
const FIRST_INDICES = `[${Array.from({ length: MAX_LISTED }, (_, index) => index).join(', ')}]`;

/** As printable() does it, character by character. */
const UNPRINTABLE = String.raw`'[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]'`;

/** The variables that only a message needs, by name; none is evaluated if the pod is admitted. */
export const MESSAGE_VARIABLES: readonly (readonly [name: string, expression: string])[] = [
  ['shownRole', buildQuoted('variables.role')],
  ['expired', "variables.allowlists.filter(list, list[0] == 'expired')"],
  ['first', buildFirst('variables.allowlists')],
  [
    // Each contact once, in the position where it stands first.
    'contacts',
    [
      `${FIRST_INDICES}.filter(i, i < variables.first.size() && variables.first[i][3] != '' &&`,
      `  !${FIRST_INDICES}.exists(j, j < i && variables.first[j][3] == variables.first[i][3]))`,
      '  .map(i, variables.first[i][3])',
    ].join('\n'),
  ],
  [
    'verdict',
    [
      "variables.isProtected || variables.roleName != '' ?",
      `'is not allowed in namespace "' + request.namespace + '"' : 'is not a RAM role name'`,
    ].join('\n'),
  ],
  [
    'cause',
    [
      "variables.isProtected ? ': no allowlist can allow a protected role' :",
      "variables.roleName == '' ? '' :",
      "variables.allowlists.size() == 0 ? ': no allowlist selects this namespace' :",
      "variables.expired.size() == 0 ? '' :",
      `': the ' + (variables.expired.size() == 1 ? 'allowlist has' : 'allowlists have') + ' expired (' + ${buildListed('variables.expired', "list[2] + ' at ' + list[4]")} + ')'`,
    ].join('\n'),
  ],
];

/**
 * The message of a policy: the verdict in the words of the webhook's denial, then the allowlists of the namespace and whom
 * to ask. The fix and the allowed roles are left out, since the comparison with every allowed role costs too much.
 */
export function buildMessageExpression(action: PolicyAction): string {
  const outcome =
    action === 'Warn'
      ? "', admitted (' + (variables.allowlists.size() == 0 ? 'unlistedNamespaces' : 'violationAction') + ': Warn)' + "
      : '';
  return [
    `'RAM role ' + variables.shownRole + ' ' + variables.verdict + ${outcome}variables.cause + '. ' +`,
    `(variables.allowlists.size() == 0 ? '' : 'Allowlists: ' + ${buildListed('variables.allowlists', 'list[2]')} + '. ') +`,
    "'Contact: ' + (variables.contacts.size() == 0 ? 'your cluster administrator' :",
    `  ${FIRST_INDICES}.filter(i, i < ${MAX_CONTACTS} && i < variables.contacts.size()).map(i, variables.contacts[i]).join(', '))`,
  ].join('\n');
}

/** The API server shows this if the message is longer than it accepts (5 KiB). */
export const MESSAGE = "the pod's RAM role is not allowed by any RamRoleAllowlist";

/** Cut and printable, in double quotes, with a mark behind them if something was cut off. */
function buildQuoted(text: string): string {
  return [
    `'"' + ${text}.substring(0, ${text}.size() < ${MAX_SHOWN_CHARACTERS} ? ${text}.size() : ${MAX_SHOWN_CHARACTERS}).split('')`,
    `  .map(c, c.matches(${UNPRINTABLE}) ? '\\ufffd' : c).join('') + (${text}.size() > ${MAX_SHOWN_CHARACTERS} ? '"…' : '"')`,
  ].join('\n');
}

/** The first of a list, by index: CEL has no slice before Kubernetes 1.34. */
function buildFirst(list: string): string {
  return `${FIRST_INDICES}.filter(i, i < ${list}.size()).map(i, ${list}[i])`;
}

function buildListed(list: string, shown: string): string {
  const rest = `${list}.size() > ${MAX_LISTED} ? ' and ' + string(${list}.size() - ${MAX_LISTED}) + ' more' : ''`;
  return `${buildFirst(list)}.map(list, ${shown}).join(', ') + (${rest})`;
}
