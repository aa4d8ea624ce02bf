import { z } from 'zod';
import { allowlistSchema, KIND, SCHEMA_VERSION } from '../src/policy/schema/allowlist.ts';
import { SCHEMA_VERSION_ANNOTATION } from '../src/sources/cluster/crd-check.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The CustomResourceDefinition of RamRoleAllowlist, from its schema. */
export function buildCrd(): Schema {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: 'ramroleallowlists.eci-ram-role.io',
      annotations: { [SCHEMA_VERSION_ANNOTATION]: String(SCHEMA_VERSION) },
      labels: { 'app.kubernetes.io/name': 'eci-ram-role-webhook' },
    },
    spec: {
      group: 'eci-ram-role.io',
      scope: 'Cluster',
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: 'ramroleallowlists',
        singular: 'ramroleallowlist',
        shortNames: ['rral'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: PRINTER_COLUMNS,
          schema: { openAPIV3Schema: OBJECT_SCHEMA },
        },
      ],
    },
  };
}

const READY = '.status.conditions[?(@.type=="Ready")]';

const PRINTER_COLUMNS = [
  column(
    'Namespaces',
    '.spec.namespaces',
    'Namespaces by name. Empty if the allowlist has a namespaceSelector.',
  ),
  column('Roles', '.spec.roles', 'Roles that pods in these namespaces may name.'),
  column('Default', '.spec.defaultRole', 'The role injected into pods that name none.'),
  column('Action', '.spec.violationAction', 'The action if a pod names another role.'),
  column('Ready', `${READY}.status`, 'Whether the webhook applies the allowlist as it is written.'),
  column('Reason', `${READY}.reason`, 'Why it is, or is not.'),
  { ...column('Expires', '.spec.expiresAt', 'From this time on the allowlist allows nothing.'), priority: 1 },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

function column(name: string, jsonPath: string, description: string): Schema {
  return { name, type: 'string', jsonPath, description };
}

const CONDITION_SCHEMA = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: { type: 'string', maxLength: 316 },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string', maxLength: 1024 },
    message: { type: 'string', maxLength: 32_768 },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
  },
};

const OBJECT_SCHEMA = {
  type: 'object',
  description:
    'A namespace-to-role allowlist: the RAM roles that pods may name in the annotation k8s.aliyun.com/eci-ram-role-name.',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: toStructuralSchema(z.toJSONSchema(allowlistSchema.shape.spec, { io: 'input' })),
    status: {
      type: 'object',
      description: 'The state of the allowlist, written by the webhook.',
      // Until the webhook has written the status, kstatus finds another generation than the allowlist's, and waits.
      default: { observedGeneration: -1 },
      properties: {
        observedGeneration: {
          type: 'integer',
          format: 'int64',
          description: 'The generation of the allowlist that the status is for.',
        },
        conditions: {
          type: 'array',
          description:
            'Ready: whether the webhook applies the allowlist as it is written. Stalled: it is not, until somebody edits it or another one.',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          items: CONDITION_SCHEMA,
        },
      },
    },
  },
};

/**
 * JSON Schema as Kubernetes takes it: no `additionalProperties: false` beside properties (unknown fields are refused by
 * strict field validation), and the rule for the keys of a map in CEL, which OpenAPI cannot say.
 */
function toStructuralSchema(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(toStructuralSchema);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }

  const { $schema, additionalProperties, propertyNames, ...rest }: Schema = { ...value };
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, toStructuralSchema(part)])),
    ...(additionalProperties !== undefined &&
      additionalProperties !== false && { additionalProperties: toStructuralSchema(additionalProperties) }),
    ...(propertyNames !== undefined && { 'x-kubernetes-validations': [keyRule(propertyNames)] }),
  };
}

function keyRule(propertyNames: unknown): Schema {
  const { pattern, maxLength }: Schema = { ...(propertyNames as object) };
  const literal = String(pattern).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return {
    rule: `self.all(key, key.size() <= ${maxLength} && key.matches('${literal}'))`,
    message: 'expected label keys',
  };
}
