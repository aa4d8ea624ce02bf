import {
  BURST_ANNOTATION,
  BURST_VALUES,
  ECI_ANNOTATION_PREFIX,
  ECI_LABELS,
  ECI_NAMESPACE_LABELS,
  VIRTUAL_NODE_LABELS,
  VIRTUAL_NODE_NAMES,
  VIRTUAL_NODE_TAINTS,
} from '../admission/eci-marker.ts';
import { ROLE_ANNOTATION, ROLE_PATH } from '../admission/role-annotation.ts';
import { Rank } from '../policy/allowlist.ts';
import { compilePolicy, type PolicySettings } from '../policy/policy.ts';
import type { Allowlist } from '../policy/schema/allowlist.ts';
import { toSelection } from '../policy/selection.ts';
import { type Result, success } from '../text/problem.ts';
import { buildDefaultEntries } from './allowlist-entry.ts';
import { buildGlobsExpression, celText, celTexts } from './cel.ts';
import { checkLimits } from './limits.ts';
import { type BuiltPolicies, matchPodCreation, nameOf, policyObject } from './policy-object.ts';
import {
  ACCOUNT_VARIABLES,
  buildListVariables,
  LABELS_VARIABLE,
  ROLE_EXPRESSION,
  toVariables,
} from './policy-variables.ts';

const SUFFIX = 'defaults';
const MIRROR_POD_EXPRESSION = "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))";

/**
 * Builds a MutatingAdmissionPolicy and its binding, which inject default roles as the webhook does. It is also built if no
 * allowlist has a default role, so that it replaces that of an earlier export. The failure names what exceeds the limits of
 * the API server, and a remedy.
 *
 * @param excludedNamespaces namespaces that the policy excludes
 */
export function buildMutatingPolicies(
  allowlists: readonly Allowlist[],
  settings: PolicySettings,
  excludedNamespaces: readonly string[],
): Result<BuiltPolicies, string> {
  const policy = policyObject('MutatingAdmissionPolicy', SUFFIX, {
    // As for the webhook: a pod starts without the default role rather than not at all.
    failurePolicy: 'Ignore',
    reinvocationPolicy: 'IfNeeded',
    matchConstraints: matchPodCreation(excludedNamespaces),
    matchConditions: [
      { name: 'names-no-role', expression: `${ROLE_EXPRESSION} == ''` },
      { name: 'no-mirror-pod', expression: MIRROR_POD_EXPRESSION },
    ],
    variables: toVariables([
      ...ACCOUNT_VARIABLES,
      LABELS_VARIABLE,
      ...(settings.eciDetection === 'all-pods' ? [['isEciPod', 'true'] as const] : ECI_POD_VARIABLES),
      ...buildListVariables('defaults', buildDefaults(allowlists, settings)),
      ['defaultRole', "variables.defaults.size() == 0 ? '' : variables.defaults[0][0]"],
    ]),
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: PATCH } }],
  });
  const binding = policyObject('MutatingAdmissionPolicyBinding', SUFFIX, { policyName: nameOf(SUFFIX) });
  const checked = checkLimits(allowlists, settings, [policy, binding]);
  return checked.ok ? success({ objects: [policy, binding], unused: [] }) : checked;
}

/** The variables of a policy that tell ECI pods from others, as hasEciMarker() and isEciNamespace() do. */
const ECI_POD_VARIABLES: readonly (readonly [name: string, expression: string])[] = [
  ['podLabels', 'object.metadata.?labels.orValue({})'],
  ['annotations', 'object.metadata.?annotations.orValue({})'],
  ['nodeSelector', 'object.spec.?nodeSelector.orValue({})'],
  [
    'nodeSelectorTerms',
    'object.spec.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms.orValue([])',
  ],
  [
    'isEciPod',
    [
      ...ECI_LABELS.map((label) => isLabel('variables.podLabels', label, 'true')),
      `variables.annotations[?${celText(BURST_ANNOTATION)}].orValue('') in ${celTexts(BURST_VALUES)}`,
      `variables.annotations.exists(key, key.startsWith(${celText(ECI_ANNOTATION_PREFIX)}) && key != ${celText(ROLE_ANNOTATION)})`,
      buildGlobsExpression("object.spec.?nodeName.orValue('')", VIRTUAL_NODE_NAMES),
      ...[...VIRTUAL_NODE_LABELS].map(([label, value]) => isLabel('variables.nodeSelector', label, value)),
      `object.spec.?tolerations.orValue([]).exists(toleration, toleration.?key.orValue('') in ${celTexts(VIRTUAL_NODE_TAINTS)})`,
      `variables.nodeSelectorTerms.exists(term, term.?matchExpressions.orValue([]).exists(requirement, requirement.?operator.orValue('') == 'In' && (${requireVirtualNode()})))`,
      ...[...ECI_NAMESPACE_LABELS].map(([label, value]) => isLabel('variables.labels', label, value)),
    ].join(' ||\n'),
  ],
];

function isLabel(labels: string, label: string, value: string): string {
  return `${labels}[?${celText(label)}].orValue('') == ${celText(value)}`;
}

function requireVirtualNode(): string {
  return [...VIRTUAL_NODE_LABELS]
    .map(
      ([label, value]) =>
        `requirement.?key.orValue('') == ${celText(label)} && ${celText(value)} in requirement.?values.orValue([])`,
    )
    .join(' || ');
}

/** Adds the map of annotations only if there is none, as setRole() does. */
const PATCH = [
  "variables.defaultRole == '' ? [] :",
  'object.metadata.?annotations.hasValue() ?',
  `  [JSONPatch{op: 'add', path: ${celText(ROLE_PATH)}, value: variables.defaultRole}] :`,
  `  [JSONPatch{op: 'add', path: '/metadata/annotations', value: {${celText(ROLE_ANNOTATION)}: variables.defaultRole}}]`,
].join('\n');

/** The default roles of a pod, in the order in which findDefaultRole() prefers them. */
function buildDefaults(allowlists: readonly Allowlist[], settings: PolicySettings): readonly string[] {
  const compiled = [...compilePolicy(allowlists, settings).allowlists.values()];
  const { ranked } = toSelection(
    compiled.flatMap((allowlist) => Object.values(Rank).map((rank) => ({ allowlist, rank }))),
  );
  return ranked.flatMap(({ allowlist, rank }) => {
    const { name, defaultRole } = allowlist;
    const entry = defaultRole && buildDefaultEntries(allowlist, defaultRole).get(rank);
    return entry ? [`// ${name}\n${entry}`] : [];
  });
}

/** Why the policy does not follow some allowlists, and their names. */
export function listUnsupportedDefaults(allowlists: readonly Allowlist[]): readonly string[] {
  const names = allowlists
    .filter(({ spec }) => spec.defaultRole !== undefined && spec.expiresAt !== undefined)
    .map(({ name }) => name)
    .sort();
  return names.length === 0
    ? []
    : [
        `defaultRole beside expiresAt is not injected, since a mutating policy does not know the time: ${names.join(', ')}`,
      ];
}
