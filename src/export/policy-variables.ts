import { ROLE_ANNOTATION } from '../admission/role-annotation.ts';
import type { PolicySettings } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { buildAllowlistEntry, toPolicyAction } from './allowlist-entry.ts';
import { buildFoldingExpression, buildProtectedExpression, buildTooLongExpression, celText } from './cel.ts';
import { MESSAGE_VARIABLES } from './message-expression.ts';

/** A variable of a ValidatingAdmissionPolicy; evaluated once, and only if another expression needs it. */
export type PolicyVariable = Readonly<{ name: string; expression: string }>;

/** The settings that a policy inside the API server can have. */
export type ExportSettings = Pick<PolicySettings, 'unlistedNamespaces' | 'protectedRoles'>;

/** The role that a pod names; empty if it names none. */
export const ROLE_EXPRESSION = `object.metadata.?annotations[?${celText(ROLE_ANNOTATION)}].orValue('')`;

/**
 * Several allowlists are one variable, up to this. The API server accepts 100,000 characters, but its time to compile grows
 * with their square: measured with 3,000 allowlists, 28 s with variables of 50,000 characters, 4 s with these; it has 34 s.
 */
const MAX_ENTRIES_CHARACTERS = 10_000;

const MAX_CONCATENATED = 100;

/** The variables of a policy that decides as evaluate() does; `action` is the outcome. */
export function buildVariables(
  allowlists: readonly Allowlist[],
  { unlistedNamespaces, protectedRoles }: ExportSettings,
): readonly PolicyVariable[] {
  const selectByLabels = allowlists.some(({ spec }) => spec.namespaceSelector !== undefined);
  return [
    ['role', ROLE_EXPRESSION],
    [
      'roleName',
      "variables.role.size() <= 64 && variables.role.matches('^[A-Za-z0-9._@-]+$') ? variables.role : ''",
    ],
    ['givenAccount', "object.spec.?serviceAccountName.orValue('')"],
    ['account', "variables.givenAccount == '' ? 'default' : variables.givenAccount"],
    ...(selectByLabels ? [['labels', 'namespaceObject.metadata.?labels.orValue({})'] as const] : []),
    ['isTooLong', buildTooLongExpression('variables.role')],
    ['folded', `variables.isTooLong ? '' : ${buildFoldingExpression('variables.role')}`],
    [
      'isProtected',
      `!variables.isTooLong && ${buildProtectedExpression('variables.folded', protectedRoles)}`,
    ],
    ...buildAllowlists(allowlists),
    [
      'isAllowed',
      "!variables.isTooLong && !variables.isProtected && variables.roleName != '' && variables.allowlists.exists(list, list[0] == 'allowed')",
    ],
    [
      'actions',
      `variables.allowlists.map(list, list[1]) +\n  (variables.allowlists.size() == 0 || variables.roleName == '' ? ['${toPolicyAction(unlistedNamespaces)}'] : [])`,
    ],
    [
      'action',
      [
        "variables.isAllowed ? 'Allow' :",
        "variables.isTooLong || variables.isProtected || 'Deny' in variables.actions ? 'Deny' :",
        "'Warn' in variables.actions ? 'Warn' : 'Audit'",
      ].join('\n'),
    ],
    ...MESSAGE_VARIABLES,
  ].map(([name = '', expression = '']) => ({ name, expression }));
}

/** The allowlists that select the namespace, in the order of their names. */
function buildAllowlists(allowlists: readonly Allowlist[]): readonly (readonly [string, string])[] {
  const parts = toParts(
    allowlists.map((allowlist) => `// ${allowlist.name}\n${buildAllowlistEntry(allowlist)}`),
  );
  const variables = parts.map((entries, index) => {
    const name = parts.length === 1 ? 'allowlists' : `allowlists${index + 1}`;
    return [name, `[\n${entries.join(',\n')}\n].filter(list, list.size() > 0)`] as const;
  });
  return parts.length === 1
    ? variables
    : [...variables, ['allowlists', concatenate(variables.map(([name]) => `variables.${name}`))]];
}

/** In groups: the API server's parser goes one deeper for each `+` of a row, and no deeper than 250. */
function concatenate(lists: readonly string[]): string {
  if (lists.length <= MAX_CONCATENATED) {
    return lists.join(' + ') || '[]';
  }
  const groups: string[] = [];
  for (let start = 0; start < lists.length; start += MAX_CONCATENATED) {
    groups.push(`(${lists.slice(start, start + MAX_CONCATENATED).join(' + ')})`);
  }
  return groups.join(' +\n');
}

function toParts(entries: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    if (size + entry.length > MAX_ENTRIES_CHARACTERS) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(entry);
    size += entry.length;
  }
  return parts;
}
