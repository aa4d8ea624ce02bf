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

type Variable = readonly [name: string, expression: string];

/** The ServiceAccount of a pod. */
export const ACCOUNT_VARIABLES: readonly Variable[] = [
  ['givenAccount', "object.spec.?serviceAccountName.orValue('')"],
  ['account', "variables.givenAccount == '' ? 'default' : variables.givenAccount"],
];

/** The labels of the namespace of a pod. */
export const LABELS_VARIABLE: Variable = ['labels', 'namespaceObject.metadata.?labels.orValue({})'];

/** Variables as a policy has them. */
export function toVariables(variables: readonly Variable[]): readonly PolicyVariable[] {
  return variables.map(([name, expression]) => ({ name, expression }));
}

/** The variables of a policy that decides as evaluate() does; `action` is the outcome. */
export function buildVariables(
  allowlists: readonly Allowlist[],
  { unlistedNamespaces, protectedRoles }: ExportSettings,
): readonly PolicyVariable[] {
  const selectByLabels = allowlists.some(({ spec }) => spec.namespaceSelector !== undefined);
  return toVariables([
    ['role', ROLE_EXPRESSION],
    [
      'roleName',
      "variables.role.size() <= 64 && variables.role.matches('^[A-Za-z0-9._@-]+$') ? variables.role : ''",
    ],
    ...ACCOUNT_VARIABLES,
    ...(selectByLabels ? [LABELS_VARIABLE] : []),
    ['isTooLong', buildTooLongExpression('variables.role')],
    ['folded', `variables.isTooLong ? '' : ${buildFoldingExpression('variables.role')}`],
    [
      'isProtected',
      `!variables.isTooLong && ${buildProtectedExpression('variables.folded', protectedRoles)}`,
    ],
    ...buildListVariables(
      'allowlists',
      allowlists.map((allowlist) => `// ${allowlist.name}\n${buildAllowlistEntry(allowlist)}`),
    ),
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
  ]);
}

/** A variable of those lists among some that are not empty, in their order. Several variables lead to it if it is long. */
export function buildListVariables(name: string, lists: readonly string[]): readonly Variable[] {
  const parts = toParts(lists);
  const variables = parts.map((entries, index): Variable => {
    const part = parts.length === 1 ? name : `${name}${index + 1}`;
    return [part, `[\n${entries.join(',\n')}\n].filter(list, list.size() > 0)`];
  });
  return parts.length === 1
    ? variables
    : [...variables, [name, concatenate(variables.map(([part]) => `variables.${part}`))]];
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
