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
import { ROLE_ANNOTATION } from '../admission/role-annotation.ts';
import { buildGlobsExpression, celText, celTexts } from './cel.ts';

/** The variables of a policy that tell ECI pods from others, as hasEciMarker() and isEciNamespace() do. */
export const ECI_POD_VARIABLES: readonly (readonly [name: string, expression: string])[] = [
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
