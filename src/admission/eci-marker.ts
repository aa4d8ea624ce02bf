import { asArray, asObject, asString, type JsonObject, own } from '../json/json.ts';
import { compileGlobs } from '../policy/glob.ts';
import type { Labels } from '../policy/label-selector.ts';
import { MAX_OBJECT_NAME_LENGTH } from '../policy/names.ts';
import { ROLE_ANNOTATION } from './role-annotation.ts';

export const ECI_ANNOTATION_PREFIX = 'k8s.aliyun.com/eci-';
export const ECI_LABELS = ['alibabacloud.com/eci', 'eci'];
export const BURST_ANNOTATION = 'alibabacloud.com/burst-resource';
export const BURST_VALUES = ['eci', 'eci_only'];
export const VIRTUAL_NODE_LABELS = new Map([
  ['type', 'virtual-kubelet'],
  ['k8s.aliyun.com/vnode', 'true'],
]);
export const VIRTUAL_NODE_TAINTS = ['virtual-kubelet.io/provider', 'k8s.aliyun.com/vnode'];
export const VIRTUAL_NODE_NAMES = ['virtual-kubelet*', 'virtual-node-eci-*', '*.vnd-*'];
const isVirtualNodeName = compileGlobs(VIRTUAL_NODE_NAMES);

/** The labels that schedule the pods of a namespace to ECI. */
export const ECI_NAMESPACE_LABELS = new Map([
  ['alibabacloud.com/eci', 'true'],
  ['virtual-node-affinity-injection', 'enabled'],
]);

/**
 * Whether a pod has a marker of ECI pods. The node of a pod is not known when it is created, so that this only chooses
 * which pods get a default role. The roles that a pod may name never depend on it.
 */
export function hasEciMarker(labels: JsonObject, annotations: JsonObject, spec: JsonObject): boolean {
  return (
    ECI_LABELS.some((label) => own(labels, label) === 'true') ||
    hasEciAnnotation(annotations) ||
    isVirtualNode(asString(spec['nodeName'])) ||
    selectsVirtualNode(asObject(spec['nodeSelector'])) ||
    asArray(spec['tolerations']).some(toleratesVirtualNode) ||
    requiresVirtualNode(spec)
  );
}

/** Whether a namespace has a label that schedules its pods to ECI. */
export function isEciNamespace(labels: Labels): boolean {
  return [...ECI_NAMESPACE_LABELS].some(([label, value]) => labels.get(label) === value);
}

function hasEciAnnotation(annotations: JsonObject): boolean {
  return (
    BURST_VALUES.includes(asString(own(annotations, BURST_ANNOTATION))) ||
    Object.keys(annotations).some((key) => key.startsWith(ECI_ANNOTATION_PREFIX) && key !== ROLE_ANNOTATION)
  );
}

function isVirtualNode(nodeName: string): boolean {
  return nodeName.length <= MAX_OBJECT_NAME_LENGTH && isVirtualNodeName(nodeName);
}

function selectsVirtualNode(nodeSelector: JsonObject): boolean {
  return [...VIRTUAL_NODE_LABELS].some(([label, value]) => own(nodeSelector, label) === value);
}

function toleratesVirtualNode(toleration: unknown): boolean {
  return VIRTUAL_NODE_TAINTS.includes(asString(asObject(toleration)['key']));
}

function requiresVirtualNode(spec: JsonObject): boolean {
  const nodeAffinity = asObject(asObject(spec['affinity'])['nodeAffinity']);
  const required = asObject(nodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']);
  return asArray(required['nodeSelectorTerms']).some((term) =>
    asArray(asObject(term)['matchExpressions']).some(matchesVirtualNode),
  );
}

function matchesVirtualNode(expression: unknown): boolean {
  const { key, operator, values } = asObject(expression);
  const value = VIRTUAL_NODE_LABELS.get(asString(key));
  return operator === 'In' && value !== undefined && asArray(values).includes(value);
}
