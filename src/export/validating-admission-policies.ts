import { NAME_LABEL } from '../policy/label-selector.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { type PolicyAction, toPolicyAction } from './allowlist-entry.ts';
import { celText } from './cel-text.ts';
import { describeExcessBytes, findExcesses } from './limits.ts';
import { MESSAGE, MESSAGE_EXPRESSION } from './message-expression.ts';
import {
  buildVariables,
  type ExportSettings,
  type PolicyVariable,
  ROLE_EXPRESSION,
} from './policy-variables.ts';

/** A ValidatingAdmissionPolicy or its binding, as the API server takes it. */
export type PolicyObject = Readonly<{
  apiVersion: 'admissionregistration.k8s.io/v1';
  kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding';
  metadata: Readonly<{ name: string; labels: Readonly<Record<string, string>> }>;
  spec: object;
}>;

/** Policies and bindings that enforce allowlists, or why there can be none. */
export type BuiltPolicies =
  | Readonly<{
      objects: readonly PolicyObject[];
      /** Names of policies and bindings that other allowlists would have; of these nothing may be left in force. */
      unused: readonly string[];
      problems?: never;
    }>
  | Readonly<{ objects?: never; unused?: never; problems: readonly string[] }>;

const NAME_PREFIX = 'eci-ram-role-allowlists-';
const LABELS = { 'app.kubernetes.io/name': 'eci-ram-role-allowlists' };

const ACTIONS = ['Deny', 'Warn', 'Audit'] as const;

const ADMITTED = celText('; admitted all the same for now');

/** A violation that is admitted leaves its trace in the audit log. */
const VALIDATION_ACTIONS = { Deny: ['Deny'], Warn: ['Warn', 'Audit'], Audit: ['Audit'] } as const;

/**
 * Builds a ValidatingAdmissionPolicy and its binding for each action that a violation can have, since a policy's action
 * belongs to its binding. Total: what cannot be said within the limits of the API server is a problem, told by name.
 *
 * @param excludedNamespaces whose pods are not governed
 */
export function buildPolicies(
  allowlists: readonly Allowlist[],
  settings: ExportSettings,
  excludedNamespaces: readonly string[],
): BuiltPolicies {
  const sorted = allowlists.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const problems = findExcesses(sorted, settings.protectedRoles);
  if (problems.length > 0) {
    return { problems };
  }

  const variables = buildVariables(sorted, settings);
  const actions = findActions(sorted, settings);
  const objects = actions.flatMap((action) => [
    buildPolicy(action, variables, sorted, excludedNamespaces),
    buildBinding(action),
  ]);
  const bytes = Math.max(...objects.map((object) => Buffer.byteLength(JSON.stringify(object))));
  const excess = describeExcessBytes(bytes, sorted);
  const unused = ACTIONS.filter((action) => !actions.includes(action)).map(nameOf);
  return excess === undefined ? { objects, unused } : { problems: [excess] };
}

/** Protected roles are denied, whatever the lists say. */
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
          messageExpression: action === 'Warn' ? `${MESSAGE_EXPRESSION} + ${ADMITTED}` : MESSAGE_EXPRESSION,
        },
      ],
      // Of the policies one alone tells of what passes.
      ...(canExpire && action === 'Deny' && { auditAnnotations: [BREAK_GLASS] }),
    },
  };
}

/** What only lists with expiresAt allow leaves a trace in the audit log: the lists, and until when. */
const BREAK_GLASS = {
  key: 'allowed-until',
  valueExpression: [
    "!variables.isAllowed || variables.lists.exists(list, list[0] == 'allowed' && list.size() == 4) ? '' :",
    "variables.lists.filter(list, list[0] == 'allowed').map(list, list[2] + ' ' + list[4]).join(', ')",
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
