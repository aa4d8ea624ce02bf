import type { CompiledAllowlist } from './allowlist.ts';

/** A change of one allowlist; undefined is its form before it was created, or after it was deleted. */
export type AllowlistChange = Readonly<{
  before: CompiledAllowlist | undefined;
  after: CompiledAllowlist | undefined;
}>;

/** The latest changes, by which a cached selection is brought up to date. */
export type ChangeLog = Readonly<{
  /** The number of all changes so far. */
  version: () => number;
  add: (change: AllowlistChange) => void;
  /** Returns the changes after a version, or undefined if they are more than `max` or no longer known. */
  since: (version: number, max: number) => readonly AllowlistChange[] | undefined;
}>;

/** The log keeps replaced allowlists in memory, so both their number and their size are bounded. */
const MAX_CHANGES = 1_024;
const MAX_PATTERNS = 16_384;

export function createChangeLog(): ChangeLog {
  let changes: AllowlistChange[] = [];
  let patterns = 0;
  let version = 0;

  return {
    version: () => version,
    add: (change) => {
      version += 1;
      patterns += countPatterns(change.before) + countPatterns(change.after);
      changes.push(change);
      // Begins again at a time, because dropping the oldest of many would move all others each time.
      if (changes.length > MAX_CHANGES || patterns > MAX_PATTERNS) {
        changes = [];
        patterns = 0;
      }
    },
    since: (before, max) => {
      const count = version - before;
      return count <= Math.min(max, changes.length) ? changes.slice(changes.length - count) : undefined;
    },
  };
}

function countPatterns(allowlist: CompiledAllowlist | undefined): number {
  const { namespaces = [], roles, serviceAccounts = [] } = allowlist?.spec ?? { roles: [] };
  return namespaces.length + roles.length + serviceAccounts.length;
}
