import { Rank } from '../policy/allowlist.ts';
import { isGlob } from '../policy/glob.ts';
import type { Allowlist, AllowlistSpec } from '../policy/schema/allowlist.ts';
import { MAX_SHORT_TEXT_LENGTH } from '../policy/schema/fields.ts';
import type { ViolationAction } from '../policy/violation-action.ts';
import { printable } from '../text/printable.ts';
import { buildGlobsExpression, buildLabelsExpression, celText } from './cel.ts';

/** An action that the binding of a ValidatingAdmissionPolicy can have. */
export type PolicyAction = Exclude<ViolationAction, 'Strip'>;

/** A policy cannot change a pod, so that `Strip` becomes `Deny`. */
export function toPolicyAction(action: ViolationAction): PolicyAction {
  return action === 'Strip' ? 'Deny' : action;
}

/** How the export treats a field of a spec; none of these if the entries below state it, or if no decision depends on it. */
type FieldExport = Readonly<{
  /** The CEL that must be true of a pod that the allowlist covers; undefined if the spec has no such field. */
  ofPod?: (spec: AllowlistSpec) => string | undefined;
  /** The CEL that must be true of a role that the allowlist allows. */
  ofRole?: (spec: AllowlistSpec) => string | undefined;
  /** The CEL that must be true of a pod that gets the default role; undefined if every pod does. */
  ofTarget?: (spec: AllowlistSpec) => string | undefined;
  /** Why validating policies do not follow the field; undefined if they follow this value. */
  unsupported?: (spec: AllowlistSpec) => string | undefined;
}>;

/**
 * Every field of a spec; one that is missing here does not compile. A field that narrows an allowlist must be a condition:
 * left out, it would make the allowlist allow more. If CEL cannot express it, its condition is `false`.
 */
const FIELDS: Readonly<Record<keyof AllowlistSpec, FieldExport>> = {
  namespaces: {},
  namespaceSelector: {},
  serviceAccounts: {
    ofPod: ({ serviceAccounts }) =>
      serviceAccounts && buildGlobsExpression('variables.account', serviceAccounts),
  },
  roles: { ofRole: ({ roles }) => buildGlobsExpression('variables.roleName', roles) },
  defaultRole: {
    unsupported: ({ defaultRole }) =>
      defaultRole && 'defaultRole is not injected; export --format mutating-admission-policy too',
  },
  injectInto: { ofTarget: ({ injectInto }) => (injectInto === 'AllPods' ? undefined : 'variables.isEciPod') },
  violationAction: {
    unsupported: ({ violationAction }) =>
      violationAction === 'Strip'
        ? 'violationAction Strip becomes Deny, since a validating policy cannot remove an annotation'
        : undefined,
  },
  contact: {},
  reason: {},
  expiresAt: {},
};

const EXPORTS = Object.values(FIELDS);

/** Why validating policies do not follow fields of an allowlist. */
export function unsupportedFields({ spec }: Allowlist): readonly string[] {
  return EXPORTS.flatMap(({ unsupported }) => unsupported?.(spec) ?? []);
}

/**
 * One allowlist as a CEL expression: an empty list if it does not select the namespace. Else a list of texts: whether it
 * allows the role (`allowed`, `expired`, `not-allowed`), its action, its name, its contact and, if it has one, its expiry.
 */
export function buildAllowlistEntry({ name, spec }: Allowlist): string {
  const { contact = '', violationAction, expiresAt } = spec;
  const facts = [toPolicyAction(violationAction), name, printable(contact, MAX_SHORT_TEXT_LENGTH)];
  const expiry = expiresAt === undefined ? [] : [expiresAt];
  const entry = `[${[buildState(spec), ...[...facts, ...expiry].map(celText)].join(', ')}]`;
  return `${buildSelects(spec)} ? ${entry} : []`;
}

/**
 * The default role of an allowlist as CEL expressions, by rank: a list of the role if this pod gets it, else an empty list. The
 * role is empty if the allowlist can expire: a policy that changes a pod does not know the time, and another role would be
 * wrong until then.
 */
export function buildDefaultEntries({ spec }: Allowlist, defaultRole: string): ReadonlyMap<Rank, string> {
  const { namespaces = [], namespaceSelector, expiresAt } = spec;
  const conditions = EXPORTS.flatMap(({ ofPod, ofTarget }) => ofPod?.(spec) ?? ofTarget?.(spec) ?? []);
  const selects = [
    [Rank.exact, namespaces.filter((namespace) => !isGlob(namespace))],
    [Rank.glob, namespaces.filter(isGlob)],
  ] as const;
  const byName = selects
    .filter(([, patterns]) => patterns.length > 0)
    .map(([rank, patterns]) => [rank, buildGlobsExpression('request.namespace', patterns)] as const);
  const byLabels =
    namespaceSelector &&
    ([Rank.selector, buildLabelsExpression('variables.labels', namespaceSelector)] as const);
  const role = celText(expiresAt === undefined ? defaultRole : '');
  return new Map(
    [...byName, ...(byLabels ? [byLabels] : [])].map(([rank, select]) => [
      rank,
      `${[select, ...conditions].join(' && ')} ? [${role}] : []`,
    ]),
  );
}

function buildSelects({ namespaces = [], namespaceSelector }: AllowlistSpec): string {
  return namespaceSelector === undefined
    ? buildGlobsExpression('request.namespace', namespaces)
    : buildLabelsExpression('variables.labels', namespaceSelector);
}

function buildState(spec: AllowlistSpec): string {
  const conditions = EXPORTS.flatMap(({ ofPod, ofRole }) => ofPod?.(spec) ?? ofRole?.(spec) ?? []);
  const state =
    spec.expiresAt === undefined
      ? "'allowed'"
      : `timestamp(object.metadata.creationTimestamp) < timestamp(${celText(toCelTimestamp(spec.expiresAt))}) ? 'allowed' : 'expired'`;
  return `!(${conditions.join(' && ')}) ? 'not-allowed' : ${state}`;
}

/** CEL knows no time before the year 1; no pod is that old. */
function toCelTimestamp(instant: string): string {
  return instant.startsWith('0000') ? '0001-01-01T00:00:00Z' : instant;
}
