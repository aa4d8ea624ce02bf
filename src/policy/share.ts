import type { Allowlist, AllowlistSpec } from './schema/allowlist.ts';
import { DENY_ONLY } from './schema/parse.ts';

/** A part of the bound of all allowlists: that of the allowlists of one delegation, or of those of none. */
export type Share = Readonly<{
  /** The names of its allowlists begin with this; empty for the allowlists of no delegation. */
  listNamePrefix: string;
  maxEntries: number;
  /** The namespaces that its allowlists may select, exact or with a star at the end. */
  namespaces: readonly string[];
}>;

/** The teams that may write allowlists, and how large those may be in all. */
export type BoundSettings = Readonly<{
  /** The most entries of all allowlists. */
  maxEntries: number;
  delegations: readonly Delegation[];
}>;

/** A prefix of names of allowlists that a team may write. */
export type Delegation = Readonly<{
  listNamePrefix: string;
  /** The most entries of its allowlists; undefined for the default. */
  maxEntries: number | undefined;
  namespaces: readonly string[];
}>;

/** The share of each prefix, the longest first, and that of all other allowlists. */
export type Shares = Readonly<{ delegated: readonly Share[]; rest: Share }>;

/** By default a delegation has this part of the bound; less if there are so many that nothing would remain. */
const DEFAULT_PART = 10;

/**
 * Divides the bound: a share for each prefix, and the rest for all other allowlists. The shares
 * together are the bound, so that no team can use up the share of another.
 */
export function divideShares({ maxEntries, delegations }: BoundSettings): Shares {
  const byPrefix = Map.groupBy(delegations, ({ listNamePrefix }) => listNamePrefix);
  const part = Math.floor(maxEntries / Math.max(DEFAULT_PART, byPrefix.size + 1));
  const shares = [...byPrefix].map(([listNamePrefix, ofPrefix]) => ({
    listNamePrefix,
    maxEntries: Math.max(...ofPrefix.map(({ maxEntries = part }) => maxEntries)),
    // An allowlist of this name is also one of each delegation whose prefix is shorter.
    namespaces: delegations
      .filter((delegation) => listNamePrefix.startsWith(delegation.listNamePrefix))
      .flatMap(({ namespaces }) => namespaces),
  }));
  const rest = shares.reduce((sum, share) => sum - share.maxEntries, maxEntries);
  return {
    delegated: shares.sort((a, b) => b.listNamePrefix.length - a.listNamePrefix.length),
    rest: { listNamePrefix: '', maxEntries: Math.max(0, rest), namespaces: ['*'] },
  };
}

/** What an allowlist takes of the bound of all allowlists, in entries. An entry is about 100 bytes of memory. */
export type AllowlistSize = Readonly<{
  entries: number;
  /** The same if it only selects its namespaces with Deny. */
  deniedEntries: number;
}>;

/** The object itself: its name, uid, status and short texts, and its places in the index. */
const OBJECT_ENTRIES = 16;

/** A pattern with text after its first star has no place in an index: it is compared whenever its beginning fits. */
const COMPARED_ENTRIES = 8;

/** A text this long takes a second entry. */
const ENTRY_CHARACTERS = 64;

/** Measures a valid allowlist. */
export function sizeOf({ spec }: Allowlist): AllowlistSize {
  const deniedEntries =
    OBJECT_ENTRIES + countPatterns(spec.namespaces) + countSelector(spec.namespaceSelector ?? {});
  return {
    entries: deniedEntries + countPatterns(spec.roles) + countPatterns(spec.serviceAccounts),
    deniedEntries,
  };
}

function countPatterns(patterns: readonly string[] = []): number {
  return patterns.reduce((sum, pattern) => {
    const star = pattern.indexOf('*');
    const isCompared = star !== -1 && star < pattern.length - 1;
    return sum + countText(pattern) + (isCompared ? COMPARED_ENTRIES : 0);
  }, 0);
}

function countSelector({
  matchLabels = {},
  matchExpressions = [],
}: NonNullable<AllowlistSpec['namespaceSelector']>): number {
  const labels = Object.entries(matchLabels).flat();
  const requirements = matchExpressions.flatMap(({ key, values = [] }) => [key, ...values]);
  return [...labels, ...requirements].reduce((sum, text) => sum + countText(text), 0);
}

function countText(text: string): number {
  return 1 + Math.floor(text.length / (ENTRY_CHARACTERS + 1));
}

/** Describes the bound of a share, as the fact that the allowlists exceed it. */
export function describeBound({
  listNamePrefix,
  maxEntries,
}: Pick<Share, 'listNamePrefix' | 'maxEntries'>): string {
  return listNamePrefix === ''
    ? `the allowlists have more than ${maxEntries} entries`
    : `the allowlists named "${listNamePrefix}*" have more than ${maxEntries} entries`;
}

/** The chart's value that sets the bound of a share. */
export function boundSetting({ listNamePrefix }: Pick<Share, 'listNamePrefix'>): string {
  return listNamePrefix === '' ? 'maxAllowlistEntries' : "the delegation's maxEntries";
}

/** The bound that an allowlist would exceed, in entries, and what would be counted with it. */
export type ExceededBound = Readonly<{ listNamePrefix: string; maxEntries: number; entries: number }>;

/**
 * The allowlist that stands for those that are left out of a share. It denies in the namespaces of the delegation, or
 * everywhere: in the share of no delegation, and if one that is left out selects another namespace. No object has its name.
 */
export function shareDenial({ listNamePrefix, namespaces }: Share, isEverywhere: boolean): Allowlist {
  return {
    name: `${listNamePrefix}*`,
    spec: { namespaces: isEverywhere ? ['*'] : [...namespaces], ...DENY_ONLY },
  };
}

/** Whether an allowlist selects only namespaces of its delegation. A writer outside of the delegation can select others. */
export function isWithinShare({ namespaces: delegated }: Share, { spec }: Allowlist): boolean {
  const beginnings = delegated.filter((entry) => entry.endsWith('*')).map((entry) => entry.slice(0, -1));
  return (
    spec.namespaceSelector === undefined &&
    (spec.namespaces ?? []).every(
      (namespace) =>
        delegated.includes(namespace) || beginnings.some((beginning) => namespace.startsWith(beginning)),
    )
  );
}
