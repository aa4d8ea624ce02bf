import * as z from 'zod';
import { isObject, type JsonObject } from '../../json/json.ts';
import { compileGlobs } from '../glob.ts';
import {
  isRoleName,
  MAX_NAMESPACE_LENGTH,
  MAX_ROLE_NAME_LENGTH,
  NAMESPACE_PATTERN,
  ROLE_NAME,
  ROLE_PATTERN,
} from '../names.ts';
import { VIOLATION_ACTIONS } from '../violation-action.ts';
import { listOf, shortText, text, utcSecond } from './fields.ts';
import { labelSelectorSchema } from './label-selector.ts';

export const API_VERSION = 'eci-ram-role.io/v1alpha1';
export const KIND = 'RamRoleAllowlist';

/** Grows with every release that changes the schema; carried by the CRD, so that a server can tell an older one. */
export const SCHEMA_VERSION = 1;

const ROLE_PATTERN_WORDS =
  'a RAM role name of 1 to 64 letters, digits or . _ @ -, in which * matches any run';

const rolePattern = text(ROLE_PATTERN, MAX_ROLE_NAME_LENGTH, ROLE_PATTERN_WORDS);

const namespacePattern = text(
  NAMESPACE_PATTERN,
  MAX_NAMESPACE_LENGTH,
  'a namespace of 1 to 63 lower-case letters, digits or -, in which * matches any run',
);

const serviceAccountPattern = text(
  /^[a-z0-9*]([-.a-z0-9*]*[a-z0-9*])?$/,
  253,
  'a ServiceAccount of 1 to 253 lower-case letters, digits or . -, in which * matches any run',
);

/** Marks a field that narrows an allowlist: a null in it is preserved, and makes the allowlist Invalid (see nulls.ts). */
export const PRESERVED_NULL = true;

const specFields = {
  namespaces: listOf(namespacePattern, 1, 256, 'a list of 1 to 256 namespaces').optional().meta({
    description:
      'Namespaces by name, exact or with * for any run of characters. Exactly one of namespaces and namespaceSelector is set.',
  }),
  namespaceSelector: labelSelectorSchema.optional(),
  roles: listOf(rolePattern, 0, 256, 'a list of up to 256 RAM roles').meta({
    description:
      'RAM roles that pods in these namespaces may name, exact or with * for any run of characters; names, never ARNs. An empty list allows nothing. Whoever may write an allowlist can give any role to any namespace.',
  }),
  defaultRole: text(ROLE_NAME, MAX_ROLE_NAME_LENGTH, 'a RAM role name of 1 to 64 letters, digits or . _ @ -')
    .optional()
    .meta({ description: 'The role injected into pods that name none; must be covered by roles.' }),
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
        'Narrows what this list allows to pods that run as these ServiceAccounts, exact or with * for any run of characters. It prevents mistakes; it is no boundary against whoever may create pods in the namespace, for they choose the account.',
    }),
  injectInto: z.enum(['EciPods', 'AllPods'], { error: 'EciPods or AllPods' }).default('EciPods').meta({
    description: 'Which pods without a role get the default one: those with a marker of ECI, or all.',
  }),
  violationAction: z.enum(VIOLATION_ACTIONS, { error: 'Deny, Strip, Warn or Audit' }).default('Deny').meta({
    description:
      'What happens to a pod that names a role which no list allows it: refuse it, remove the annotation, admit it with a warning, or admit it with an audit annotation. The strictest of all lists that select the namespace counts.',
  }),
  contact: shortText(0, 128).optional().meta({ description: 'Whom to ask; shown in denials.' }),
  reason: shortText(1, 128)
    .optional()
    .meta({ description: 'Why this list exists; required with expiresAt.' }),
  expiresAt: utcSecond().optional().meta({
    format: 'date-time',
    nullable: PRESERVED_NULL,
    description: 'From this instant on the list allows nothing; it goes on selecting its namespaces.',
  }),
};

/** A rule between fields runs however wrong the fields are, so that one report names every problem. */
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
      error: 'a role that roles covers',
      when: always,
    }),
    z.refine((value) => !isObject(value) || givesItsReason(value), {
      path: ['reason'],
      error: 'a reason, since expiresAt is set',
      when: always,
    }),
  )
  .meta({
    description: 'What pods in some namespaces may name as their RAM role, and what they get by default.',
    'x-kubernetes-validations': [
      {
        rule: 'has(self.namespaces) != has(self.namespaceSelector)',
        message: 'expected exactly one of namespaces and namespaceSelector',
      },
      {
        rule: "!has(self.defaultRole) || self.roles.exists(r, r == self.defaultRole || (r.contains('*') && self.defaultRole.matches('^' + r.replace('.', '\\\\.').replace('*', '.*') + '$')))",
        fieldPath: '.defaultRole',
        message: 'expected a role that roles covers',
      },
      {
        rule: '!has(self.expiresAt) || has(self.reason)',
        message: 'expected a reason, since expiresAt is set',
      },
    ],
  });

/**
 * The schema of a RamRoleAllowlist: the single source of what files, the cluster's CRD and the documentation
 * say of one. Any other field of Kubernetes' ObjectMeta, and `status`, are accepted and ignored, so that what
 * `kubectl get -o yaml` prints is a valid file.
 */
export const allowlistSchema = z.strictObject(
  {
    apiVersion: z.literal(API_VERSION, { error: API_VERSION }),
    kind: z.literal(KIND, { error: KIND }),
    metadata: z.looseObject(
      {
        name: text(
          /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
          253,
          'a name of 1 to 253 lower-case letters, digits or . -',
        ),
      },
      { error: 'an object with a name' },
    ),
    spec,
    status: z.unknown().optional(),
  },
  { error: 'an object' },
);

/** What a list says, with its defaults filled in. */
export type AllowlistSpec = Readonly<z.output<typeof spec>>;

/** A RamRoleAllowlist that keeps to the schema: its name and what it says. */
export type Allowlist = Readonly<{ name: string; spec: AllowlistSpec }>;

// The rules between the fields of a spec, for values of which nothing has been checked yet.

export function namesItsNamespacesOnce({ namespaces, namespaceSelector }: JsonObject): boolean {
  return (namespaces === undefined) !== (namespaceSelector === undefined);
}

export function coversItsDefault({ roles, defaultRole }: JsonObject): boolean {
  if (typeof defaultRole !== 'string' || !isRoleName(defaultRole) || !Array.isArray(roles)) {
    return true;
  }
  return compileGlobs(roles.filter((role) => typeof role === 'string'))(defaultRole);
}

export function givesItsReason({ expiresAt, reason }: JsonObject): boolean {
  return expiresAt === undefined || reason !== undefined;
}
