import { compileGlobs, type GlobMatcher, isAnything, isGlob } from './glob.ts';
import { compileLabelSelector, type Labels } from './label-selector.ts';
import { MAX_OBJECT_NAME_LENGTH } from './names.ts';
import type { Allowlist, AllowlistSpec } from './schema/allowlist.ts';
import type { Subject } from './subject.ts';

/**
 * How specifically an allowlist selects a namespace, the most specific lowest: by its exact name, by a glob, by its
 * labels.
 */
export const Rank = { exact: 0, glob: 1, selector: 2 } as const;
export type Rank = (typeof Rank)[keyof typeof Rank];

/** An allowlist with every pattern compiled, so that evaluating it cannot fail. */
export type CompiledAllowlist = Readonly<{
  name: string;
  spec: AllowlistSpec;
  /** The namespaces that it names without a glob. */
  exactNamespaces: readonly string[];
  /** Its rank for a namespace that a glob or the labels select; undefined if neither does. */
  rankByPattern: (namespace: string, labels: Labels | undefined) => Rank | undefined;
  /** The roles and globs that it allows, without those that a pattern of protected roles matches. */
  roles: readonly string[];
  allowsRole: GlobMatcher;
  /** Whether its narrowing fields all match this pod. */
  covers: (subject: Subject) => boolean;
  /** Whether it covers pods of a ServiceAccount; undefined if that may be any, which every allowlist covers. */
  coversServiceAccount: (serviceAccount: string | undefined) => boolean;
  /** The role to inject; undefined if there is none or it is a protected role. */
  defaultRole: string | undefined;
  /** When it expires: milliseconds since the epoch, infinite if it never does. */
  expiresAt: number;
}>;

export function compileAllowlist(
  { name, spec }: Allowlist,
  isProtectedRole: (role: string) => boolean,
): CompiledAllowlist {
  const { namespaces = [], namespaceSelector, defaultRole } = spec;
  const roles = spec.roles.filter((role) => !isProtectedRole(role));
  const matchesName = compileNameGlobs(namespaces.filter(isGlob));
  const matchesLabels = namespaceSelector && compileLabelSelector(namespaceSelector);
  return {
    name,
    spec,
    exactNamespaces: namespaces.filter((namespace) => !isGlob(namespace)),
    rankByPattern: (namespace, labels) => {
      if (matchesName(namespace)) {
        return Rank.glob;
      }
      return labels !== undefined && matchesLabels?.(labels) ? Rank.selector : undefined;
    },
    roles,
    allowsRole: compileGlobs(roles),
    covers: compileNarrowing(spec),
    coversServiceAccount: compileServiceAccounts(spec.serviceAccounts),
    defaultRole: defaultRole === undefined || isProtectedRole(defaultRole) ? undefined : defaultRole,
    expiresAt: expiryOf(spec),
  };
}

type Narrowing = (spec: AllowlistSpec) => (subject: Subject) => boolean;

/**
 * The check that each field of a spec makes of a pod; undefined if the field does not depend on the pod. A field that is
 * missing here does not compile.
 */
const NARROWING: Readonly<Record<keyof AllowlistSpec, Narrowing | undefined>> = {
  namespaces: undefined,
  namespaceSelector: undefined,
  roles: undefined,
  defaultRole: undefined,
  serviceAccounts: (spec) => {
    const matches = compileServiceAccounts(spec.serviceAccounts);
    return ({ serviceAccount }) => matches(serviceAccount);
  },
  injectInto: undefined,
  violationAction: undefined,
  contact: undefined,
  reason: undefined,
  expiresAt: undefined,
};

const NARROWINGS = Object.values(NARROWING).filter((narrowing) => narrowing !== undefined);

function compileNarrowing(spec: AllowlistSpec): CompiledAllowlist['covers'] {
  const covers = NARROWINGS.map((narrowing) => narrowing(spec));
  return (subject) => covers.every((covers) => covers(subject));
}

/** No namespace or ServiceAccount has a longer name than the bound, so that matching a glob costs little. */
function compileNameGlobs(patterns: readonly string[]): GlobMatcher {
  const matches = compileGlobs(patterns);
  const matchesAll = patterns.some(isAnything);
  return (name) => matchesAll || (name.length <= MAX_OBJECT_NAME_LENGTH && matches(name));
}

function compileServiceAccounts(
  serviceAccounts: readonly string[] | undefined,
): CompiledAllowlist['coversServiceAccount'] {
  if (serviceAccounts === undefined) {
    return () => true;
  }
  const matches = compileNameGlobs(serviceAccounts);
  return (serviceAccount) => serviceAccount === undefined || matches(serviceAccount);
}

/** The rank of an allowlist for a namespace; undefined if it does not select the namespace. */
export function rankOf(
  { exactNamespaces, rankByPattern }: CompiledAllowlist,
  namespace: string,
  labels: Labels | undefined,
): Rank | undefined {
  return exactNamespaces.includes(namespace) ? Rank.exact : rankByPattern(namespace, labels);
}

/** Whether an allowlist has expired at a time in milliseconds since the epoch. */
export function hasExpired({ expiresAt }: CompiledAllowlist, now: number): boolean {
  return now >= expiresAt;
}

/** Whether an allowlist can allow a role to this pod at a time in milliseconds since the epoch. */
export function applies(allowlist: CompiledAllowlist, subject: Subject, now: number): boolean {
  return !hasExpired(allowlist, now) && allowlist.covers(subject);
}

/** When an allowlist expires: milliseconds since the epoch, infinite if it never does. */
export function expiryOf({ expiresAt }: AllowlistSpec): number {
  return expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
}
