import { NAME_LABEL } from '../policy/label-selector.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { type Result, success } from '../text/problem.ts';
import { type PolicyAction, toPolicyAction } from './allowlist-entry.ts';
import { checkLimits } from './limits.ts';
import { buildMessageExpression, MESSAGE } from './message-expression.ts';
import {
  buildVariables,
  type ExportSettings,
  type PolicyVariable,
  ROLE_EXPRESSION,
} from './policy-variables.ts';

/** A ValidatingAdmissionPolicy or its binding, as the API server accepts it. */
export type PolicyObject = Readonly<{
  apiVersion: 'admissionregistration.k8s.io/v1';
  kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding';
  metadata: Readonly<{ name: string; labels: Readonly<Record<string, string>> }>;
  spec: object;
}>;

/** Policies and bindings that enforce allowlists. */
export type BuiltPolicies = Readonly<{
  objects: readonly PolicyObject[];
  /** The names of policies and bindings that an earlier export may have left; they must not stay in force. */
  unused: readonly string[];
}>;

const NAME_PREFIX = 'eci-ram-role-allowlists-';
const LABELS = { 'app.kubernetes.io/name': 'eci-ram-role-allowlists' };

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
  const unused = ACTIONS.filter((action) => !actions.includes(action)).map(nameOf);
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
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: nameOf(action), labels: LABELS },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        ...(excludedNamespaces.length > 0 && { namespaceSelector: buildExclusion(excludedNamespaces) }),
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
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
    },
  };
}

/** The audit log records the allowlists and their expiry if only allowlists with expiresAt allow the role. */
const BREAK_GLASS = {
  key: 'allowed-until',
  valueExpression: [
    "!variables.isAllowed || variables.allowlists.exists(list, list[0] == 'allowed' && list.size() == 4) ? '' :",
    "variables.allowlists.filter(list, list[0] == 'allowed').map(list, list[2] + ' ' + list[4]).join(', ')",
  ].join('\n'),
};

function buildExclusion(namespaces: readonly string[]): object {
  return {
    matchExpressions: [{ key: NAME_LABEL, operator: 'NotIn', values: namespaces }],
  };
}

function buildBinding(action: PolicyAction): PolicyObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: nameOf(action), labels: LABELS },
    spec: { policyName: nameOf(action), validationActions: VALIDATION_ACTIONS[action] },
  };
}

function nameOf(action: PolicyAction): string {
  return `${NAME_PREFIX}${action.toLowerCase()}`;
}
