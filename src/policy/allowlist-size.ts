import type { Allowlist, AllowlistSpec } from './schema/allowlist.ts';

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
