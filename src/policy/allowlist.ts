import { compileGlobs, type GlobMatcher, isAnything, isGlob } from './glob.ts';
import { compileLabelSelector, type Labels } from './label-selector.ts';
import { MAX_OBJECT_NAME_LENGTH } from './names.ts';
import type { Allowlist, AllowlistSpec } from './schema/allowlist.ts';
import type { Subject } from './subject.ts';

/** How closely a list names a namespace, the closest lowest: by its exact name, by a glob, by its labels. */
export const Rank = { exact: 0, glob: 1, selector: 2 } as const;
export type Rank = (typeof Rank)[keyof typeof Rank];

/** An allowlist made ready to be asked: every pattern compiled, so that asking cannot fail. */
export type CompiledAllowlist = Readonly<{
  name: string;
  spec: AllowlistSpec;
  /** The namespaces it names exactly. */
  exactNamespaces: readonly string[];
  /** How it selects a namespace by a glob or by labels; undefined where it does not. */
  rankByPattern: (namespace: string, labels: Labels | undefined) => Rank | undefined;
  /** The roles and globs of roles that it allows; those that are protected as a whole are left out. */
  roles: readonly string[];
  allowsRole: GlobMatcher;
  /** Whether the fields that narrow it let it allow anything to this pod. */
  covers: (subject: Subject) => boolean;
  /** The same for a ServiceAccount alone; undefined stands for one that may be any. */
  coversServiceAccount: (serviceAccount: string | undefined) => boolean;
  /** The role to inject; undefined where there is none or it is a protected role. */
  defaultRole: string | undefined;
  /** Milliseconds since the epoch from which it allows nothing; infinite where it never expires. */
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
 * How each field of a spec narrows to which pods the allowlist allows anything. A field that does not narrow is undefined;
 * one that is missing here does not compile. What expires is not about the pod, and is asked apart.
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

/** How closely the list selects a namespace; undefined where it does not. */
export function rankOf(
  { exactNamespaces, rankByPattern }: CompiledAllowlist,
  namespace: string,
  labels: Labels | undefined,
): Rank | undefined {
  return exactNamespaces.includes(namespace) ? Rank.exact : rankByPattern(namespace, labels);
}

/** Tells whether the list allows nothing any more. */
export function hasExpired({ expiresAt }: CompiledAllowlist, now: number): boolean {
  return now >= expiresAt;
}

/** Tells whether the allowlist allows anything to this pod at this time. */
export function applies(allowlist: CompiledAllowlist, subject: Subject, now: number): boolean {
  return !hasExpired(allowlist, now) && allowlist.covers(subject);
}

/** From when on a list allows nothing: milliseconds since the epoch, infinite where it never expires. */
export function expiryOf({ expiresAt }: AllowlistSpec): number {
  return expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
}
