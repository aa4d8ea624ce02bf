import type { Allowlist } from '../policy/schema/allowlist.ts';
import { type Result, success } from '../text/problem.ts';
import { type PolicyAction, toPolicyAction } from './allowlist-entry.ts';
import { checkLimits } from './limits.ts';
import { buildMessageExpression, MESSAGE } from './message-expression.ts';
import {
  type BuiltPolicies,
  matchPodCreation,
  nameOf,
  type PolicyObject,
  policyObject,
} from './policy-object.ts';
import {
  buildVariables,
  type ExportSettings,
  type PolicyVariable,
  ROLE_EXPRESSION,
} from './policy-variables.ts';

const ACTIONS = ['Deny', 'Warn', 'Audit'] as const;

/** The audit log records a violation that is admitted. */
const VALIDATION_ACTIONS = { Deny: ['Deny'], Warn: ['Warn', 'Audit'], Audit: ['Audit'] } as const;

/**
 * Builds a ValidatingAdmissionPolicy and its binding for each action that a violation can have, since the action is a field
 * of the binding. The failure names what exceeds the limits of the API server, and a remedy.
 *
 * @param excludedNamespaces namespaces that the policies exclude
 */
export function buildPolicies(
  allowlists: readonly Allowlist[],
  settings: ExportSettings,
  excludedNamespaces: readonly string[],
): Result<BuiltPolicies, string> {
  const sorted = allowlists.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const variables = buildVariables(sorted, settings);
  const actions = findActions(sorted, settings);
  const objects = actions.flatMap((action) => [
    buildPolicy(action, variables, sorted, excludedNamespaces),
    buildBinding(action),
  ]);
  const checked = checkLimits(sorted, settings, objects);
  const unused = ACTIONS.filter((action) => !actions.includes(action))
    .map(toSuffix)
    .map(nameOf);
  return checked.ok ? success({ objects, unused }) : checked;
}

/** `Deny` is always there, for protected roles. */
function findActions(
  allowlists: readonly Allowlist[],
  { unlistedNamespaces }: ExportSettings,
): readonly PolicyAction[] {
  const actions = new Set(
    [...allowlists.map(({ spec }) => spec.violationAction), unlistedNamespaces].map(toPolicyAction),
  );
  return ACTIONS.filter((action) => action === 'Deny' || actions.has(action));
}

function buildPolicy(
  action: PolicyAction,
  variables: readonly PolicyVariable[],
  allowlists: readonly Allowlist[],
  excludedNamespaces: readonly string[],
): PolicyObject {
  const canExpire = allowlists.some(({ spec }) => spec.expiresAt !== undefined);
  return policyObject('ValidatingAdmissionPolicy', toSuffix(action), {
    failurePolicy: 'Fail',
    matchConstraints: matchPodCreation(excludedNamespaces),
    matchConditions: [{ name: 'names-a-role', expression: `${ROLE_EXPRESSION} != ''` }],
    variables,
    validations: [
      {
        expression: `variables.action != '${action}'`,
        reason: 'Forbidden',
        message: MESSAGE,
        messageExpression: buildMessageExpression(action),
      },
    ],
    // One policy alone records the pods that are admitted.
    ...(canExpire && action === 'Deny' && { auditAnnotations: [BREAK_GLASS] }),
  });
}

/** The audit log records the allowlists and their expiry if only allowlists with expiresAt allow the role. */
const BREAK_GLASS = {
  key: 'allowed-until',
  valueExpression: [
    "!variables.isAllowed || variables.allowlists.exists(list, list[0] == 'allowed' && list.size() == 4) ? '' :",
    "variables.allowlists.filter(list, list[0] == 'allowed').map(list, list[2] + ' ' + list[4]).join(', ')",
  ].join('\n'),
};

function buildBinding(action: PolicyAction): PolicyObject {
  return policyObject('ValidatingAdmissionPolicyBinding', toSuffix(action), {
    policyName: nameOf(toSuffix(action)),
    validationActions: VALIDATION_ACTIONS[action],
  });
}

function toSuffix(action: PolicyAction): string {
  return action.toLowerCase();
}
