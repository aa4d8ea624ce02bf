import * as z from 'zod';
import { isObject, type JsonObject } from '../../json/json.ts';
import { matchesGlob } from '../glob.ts';
import {
  isRoleName,
  MAX_NAMESPACE_LENGTH,
  MAX_OBJECT_NAME_LENGTH,
  MAX_ROLE_NAME_LENGTH,
  NAMESPACE_PATTERN,
  ROLE_NAME,
  ROLE_PATTERN,
} from '../names.ts';
import { VIOLATION_ACTIONS } from '../violation-action.ts';
import { listOf, MAX_SHORT_TEXT_CODE_POINTS, shortText, text, utcSecond } from './fields.ts';
import { labelSelectorSchema } from './label-selector.ts';

export const API_VERSION = 'eci-ram-role.io/v1alpha1';
export const KIND = 'RamRoleAllowlist';

/** Increases with every release that changes the schema. The CRD carries it, so that a server detects an older CRD. */
export const SCHEMA_VERSION = 2;

const ROLE_WORDS = `a RAM role name of 1 to ${MAX_ROLE_NAME_LENGTH} letters, digits or . _ @ -`;

const rolePattern = text(
  ROLE_PATTERN,
  MAX_ROLE_NAME_LENGTH,
  `${ROLE_WORDS}; * matches any number of characters`,
);

const namespacePattern = text(
  NAMESPACE_PATTERN,
  MAX_NAMESPACE_LENGTH,
  `a namespace of 1 to ${MAX_NAMESPACE_LENGTH} lower-case letters, digits or -; * matches any number of characters`,
);

const serviceAccountPattern = text(
  /^[a-z0-9*]([-.a-z0-9*]*[a-z0-9*])?$/,
  MAX_OBJECT_NAME_LENGTH,
  `a ServiceAccount of 1 to ${MAX_OBJECT_NAME_LENGTH} lower-case letters, digits or . -; * matches any number of characters`,
);

/**
 * Marks a field that narrows an allowlist: a null in it is preserved, and makes the allowlist Invalid (see normalize.ts).
 */
export const PRESERVED_NULL = true;

const specFields = {
  namespaces: listOf(namespacePattern, 1, 256, 'a list of 1 to 256 namespaces').optional().meta({
    description:
      'Namespaces by name, exact or with * for any number of characters. Set exactly one of namespaces and namespaceSelector.',
  }),
  namespaceSelector: labelSelectorSchema.optional(),
  roles: listOf(rolePattern, 0, 256, 'a list of up to 256 RAM roles').meta({
    description:
      'RAM roles that pods in these namespaces may name, exact or with * for any number of characters. Use role names, never ARNs. An empty list allows nothing. Anyone who can write an allowlist can give any role to any namespace.',
  }),
  defaultRole: text(ROLE_NAME, MAX_ROLE_NAME_LENGTH, ROLE_WORDS)
    .optional()
    .meta({ description: 'The role injected into pods that name none. It must match an entry of roles.' }),
  serviceAccounts: listOf(
    serviceAccountPattern,
    1,
    64,
    'a list of 1 to 64 ServiceAccounts (left out, it means all of them)',
  )
    .optional()
    .meta({
      nullable: PRESERVED_NULL,
      description:
        'Limits the allowlist to pods that run as these ServiceAccounts, exact or with * for any number of characters. It prevents mistakes and is not a security boundary: anyone who can create pods in the namespace chooses their ServiceAccount.',
    }),
  injectInto: z.enum(['EciPods', 'AllPods'], { error: 'EciPods or AllPods' }).default('EciPods').meta({
    description: 'Which pods without a role get the default role: pods with an ECI marker, or all pods.',
  }),
  violationAction: z.enum(VIOLATION_ACTIONS, { error: 'Deny, Strip, Warn or Audit' }).default('Deny').meta({
    description:
      'The action if a pod names a role that no allowlist allows: deny the pod, strip the annotation, admit it with a warning, or admit it with an audit annotation. If several allowlists select the namespace, the strictest action applies.',
  }),
  contact: shortText(0, MAX_SHORT_TEXT_CODE_POINTS)
    .optional()
    .meta({ description: 'Whom a developer can ask. Shown in denials.' }),
  reason: shortText(1, MAX_SHORT_TEXT_CODE_POINTS)
    .optional()
    .meta({ description: 'Why this allowlist exists. Required with expiresAt.' }),
  expiresAt: utcSecond().optional().meta({
    format: 'date-time',
    nullable: PRESERVED_NULL,
    description:
      'From this time on the allowlist allows nothing. It still selects its namespaces, and its violationAction still applies.',
  }),
};

/** A rule between fields runs even if the fields are wrong, so that one report has every problem. */
const always = () => true;

const spec = z
  .strictObject(specFields, { error: 'an object' })
  .check(
    z.refine((value) => !isObject(value) || namesItsNamespacesOnce(value), {
      path: ['namespaces'],
      error: 'exactly one of namespaces and namespaceSelector',
      when: always,
    }),
    z.refine((value) => !isObject(value) || coversItsDefault(value), {
      path: ['defaultRole'],
      error: 'a role that an entry of roles matches',
      when: always,
    }),
    z.refine((value) => !isObject(value) || givesItsReason(value), {
      path: ['reason'],
      error: 'a reason, since expiresAt is set',
      when: always,
    }),
  )
  .meta({
    description:
      'The RAM roles that pods in some namespaces may name, and the role that they get by default.',
    'x-kubernetes-validations': [
      {
        rule: 'has(self.namespaces) != has(self.namespaceSelector)',
        message: 'expected exactly one of namespaces and namespaceSelector',
      },
      {
        rule: "!has(self.defaultRole) || self.roles.exists(r, r == self.defaultRole || (r.contains('*') && self.defaultRole.matches('^' + r.replace('.', '\\\\.').replace('*', '.*') + '$')))",
        fieldPath: '.defaultRole',
        message: 'expected a role that an entry of roles matches',
      },
      {
        rule: '!has(self.expiresAt) || has(self.reason)',
        message: 'expected a reason, since expiresAt is set',
      },
    ],
  });

/**
 * The schema of a RamRoleAllowlist: the single source of the file loader, the CRD and the reference of fields. Any other
 * field of Kubernetes' ObjectMeta, and `status`, are accepted and ignored, so that the output of `kubectl get -o yaml` is
 * a valid file.
 */
export const allowlistSchema = z.strictObject(
  {
    apiVersion: z.literal(API_VERSION, { error: API_VERSION }),
    kind: z.literal(KIND, { error: KIND }),
    metadata: z.looseObject(
      {
        name: text(
          /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
          MAX_OBJECT_NAME_LENGTH,
          `a name of 1 to ${MAX_OBJECT_NAME_LENGTH} lower-case letters, digits or . -`,
        ),
      },
      { error: 'an object with a name' },
    ),
    spec,
    status: z.unknown().optional(),
  },
  { error: 'an object' },
);

/** The spec of an allowlist, with its defaults filled in. */
export type AllowlistSpec = Readonly<z.output<typeof spec>>;

/** A RamRoleAllowlist that satisfies the schema. */
export type Allowlist = Readonly<{ name: string; spec: AllowlistSpec }>;

// The rules between the fields of a spec. The values may still be of any type.

export function namesItsNamespacesOnce({ namespaces, namespaceSelector }: JsonObject): boolean {
  return (namespaces === undefined) !== (namespaceSelector === undefined);
}

export function coversItsDefault({ roles, defaultRole }: JsonObject): boolean {
  if (typeof defaultRole !== 'string' || !isRoleName(defaultRole) || !Array.isArray(roles)) {
    return true;
  }
  return roles.some((role) => typeof role === 'string' && matchesGlob(role, defaultRole));
}

export function givesItsReason({ expiresAt, reason }: JsonObject): boolean {
  return expiresAt === undefined || reason !== undefined;
}
