import { MAX_SHOWN_CHARACTERS } from '../text/printable.ts';
import { celText } from './cel-text.ts';

const MAX_LISTED = 10;
const MAX_CONTACTS = 3;
const FIRST_INDICES = `[${Array.from({ length: MAX_LISTED }, (_, index) => index).join(', ')}]`;

/** As printable() does it, character by character. */
const UNPRINTABLE = String.raw`'[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]'`;

const WHOEVER = 'whoever keeps the allowlists (RamRoleAllowlist)';

/** The variables that only a message needs, by name; none is evaluated where the pod passes. */
export const MESSAGE_VARIABLES: readonly (readonly [name: string, expression: string])[] = [
  ['shownRole', buildQuoted('variables.role')],
  ['shownAccount', buildQuoted('variables.account')],
  ['expired', "variables.lists.filter(list, list[0] == 'expired')"],
  ['consulted', buildFirst('variables.lists')],
  [
    // Each contact once, where it stands first.
    'contacts',
    [
      `${FIRST_INDICES}.filter(i, i < variables.consulted.size() && variables.consulted[i][3] != '' &&`,
      `  !${FIRST_INDICES}.exists(j, j < i && variables.consulted[j][3] == variables.consulted[i][3]))`,
      '  .map(i, variables.consulted[i][3])',
    ].join('\n'),
  ],
  [
    'why',
    [
      "variables.isProtected ? 'it is a protected role, which no allowlist can open' :",
      "variables.roleName == '' ? 'no RAM role can have this name' :",
      "variables.lists.size() == 0 ? 'no allowlist selects the namespace' :",
      `variables.expired.size() > 0 ? 'the allowlists that allowed it have expired (' + ${buildListed('variables.expired', "list[2] + ' at ' + list[4]")} + ')' :`,
      "'no allowlist allows it to this pod'",
    ].join('\n'),
  ],
];

/** The same words as the server's denial, as far as CEL has them at hand. */
export const MESSAGE_EXPRESSION = [
  "'RAM role ' + variables.shownRole + ' is not allowed for ServiceAccount ' + variables.shownAccount +",
  `' in namespace "' + request.namespace + '": ' + variables.why +`,
  `'; allowlists consulted: ' + (variables.lists.size() == 0 ? 'none' : ${buildListed('variables.lists', 'list[2]')}) +`,
  `'; ask: ' + (variables.contacts.size() == 0 ? ${celText(WHOEVER)} :`,
  `  ${FIRST_INDICES}.filter(i, i < ${MAX_CONTACTS} && i < variables.contacts.size()).map(i, variables.contacts[i]).join(', '))`,
].join('\n');

/** What is shown where the message comes out longer than the API server takes (5 KiB). */
export const MESSAGE = 'the RAM role that the pod names is not allowed to it by any RamRoleAllowlist';

/** Cut and printable, in double quotes, with a mark behind where something was cut off. */
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
