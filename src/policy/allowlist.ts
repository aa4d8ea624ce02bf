import { isAnything, isGlob, matchesGlob } from './glob.ts';
import { type Labels, matchesSelector } from './label-selector.ts';
import { MAX_OBJECT_NAME_LENGTH } from './names.ts';
import type { Allowlist, AllowlistSpec } from './schema/allowlist.ts';
import type { Subject } from './subject.ts';

/**
 * How specifically an allowlist selects a namespace, the most specific lowest: by its exact name, by a glob, by its
 * labels.
 */
export const Rank = { exact: 0, glob: 1, selector: 2 } as const;
export type Rank = (typeof Rank)[keyof typeof Rank];

/**
 * An allowlist as the policy needs it. Its patterns stay texts, which are matched as they are: a cluster has hundreds of
 * thousands of them.
 */
export type CompiledAllowlist = Readonly<{
  name: string;
  spec: AllowlistSpec;
  /** The roles and globs that it allows, without those that a pattern of protected roles matches. */
  roles: readonly string[];
  /** The role to inject; undefined if there is none or it is a protected role. */
  defaultRole: string | undefined;
  /** When it expires: milliseconds since the epoch, infinite if it never does. */
  expiresAt: number;
}>;

export function compileAllowlist(
  { name, spec }: Allowlist,
  isProtectedRole: (role: string) => boolean,
): CompiledAllowlist {
  const { roles, defaultRole } = spec;
  return {
    name,
    spec,
    roles: roles.some(isProtectedRole) ? roles.filter((role) => !isProtectedRole(role)) : roles,
    defaultRole: defaultRole === undefined || isProtectedRole(defaultRole) ? undefined : defaultRole,
    expiresAt: expiryOf(spec),
  };
}

/** The namespaces that an allowlist names without a glob. */
export function exactNamespacesOf({ spec: { namespaces = [] } }: CompiledAllowlist): readonly string[] {
  return namespaces.filter((namespace) => !isGlob(namespace));
}

/** The rank of an allowlist for a namespace; undefined if it does not select the namespace. */
export function rankOf(
  { spec: { namespaces = [], namespaceSelector } }: CompiledAllowlist,
  namespace: string,
  labels: Labels | undefined,
): Rank | undefined {
  if (!isGlob(namespace) && namespaces.includes(namespace)) {
    return Rank.exact;
  }
  if (namespaces.some((pattern) => isGlob(pattern) && matchesName(pattern, namespace))) {
    return Rank.glob;
  }
  const isSelected = labels !== undefined && namespaceSelector && matchesSelector(namespaceSelector, labels);
  return isSelected ? Rank.selector : undefined;
}

/** Whether an allowlist allows a role to some pod. */
export function allowsRole({ roles }: CompiledAllowlist, role: string): boolean {
  return roles.some((pattern) => matchesGlob(pattern, role));
}

type Narrowing = (spec: AllowlistSpec, subject: Subject) => boolean;

/**
 * The check that each field of a spec makes of a pod; undefined if the field does not depend on the pod. A field that is
 * missing here does not compile.
 */
const NARROWING: Readonly<Record<keyof AllowlistSpec, Narrowing | undefined>> = {
  namespaces: undefined,
  namespaceSelector: undefined,
  roles: undefined,
  defaultRole: undefined,
  serviceAccounts: ({ serviceAccounts }, { serviceAccount }) =>
    includesServiceAccount(serviceAccounts, serviceAccount),
  injectInto: undefined,
  violationAction: undefined,
  contact: undefined,
  reason: undefined,
  expiresAt: undefined,
};

const NARROWINGS = Object.values(NARROWING).filter((narrowing) => narrowing !== undefined);

/** Whether the narrowing fields of an allowlist all match this pod. */
export function covers({ spec }: CompiledAllowlist, subject: Subject): boolean {
  return NARROWINGS.every((narrowing) => narrowing(spec, subject));
}

/** Whether an allowlist covers pods of a ServiceAccount; undefined if that may be any, which every allowlist covers. */
export function coversServiceAccount(
  { spec: { serviceAccounts } }: CompiledAllowlist,
  serviceAccount: string | undefined,
): boolean {
  return includesServiceAccount(serviceAccounts, serviceAccount);
}

function includesServiceAccount(
  serviceAccounts: readonly string[] | undefined,
  serviceAccount: string | undefined,
): boolean {
  return (
    serviceAccounts === undefined ||
    serviceAccount === undefined ||
    serviceAccounts.some((pattern) => matchesName(pattern, serviceAccount))
  );
}

/** No namespace or ServiceAccount has a longer name than the bound, so that matching a glob costs little. */
function matchesName(pattern: string, name: string): boolean {
  return name.length <= MAX_OBJECT_NAME_LENGTH ? matchesGlob(pattern, name) : isAnything(pattern);
}

/** Whether an allowlist has expired at a time in milliseconds since the epoch. */
export function hasExpired({ expiresAt }: CompiledAllowlist, now: number): boolean {
  return now >= expiresAt;
}

/** Whether an allowlist can allow a role to this pod at a time in milliseconds since the epoch. */
export function applies(allowlist: CompiledAllowlist, subject: Subject, now: number): boolean {
  return !hasExpired(allowlist, now) && covers(allowlist, subject);
}

/** When an allowlist expires: milliseconds since the epoch, infinite if it never does. */
export function expiryOf({ expiresAt }: AllowlistSpec): number {
  return expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
}
