import type { Allowlist } from '../../policy/schema/allowlist.ts';
import type { DeniedState, SourceChanges } from '../source.ts';
import type { CachedAllowlist } from './cached-allowlist.ts';

/** Collects the changes that count together. */
export type ChangeCollector = Readonly<{
  set: (cached: CachedAllowlist) => void;
  /** Adds an allowlist that stands for others that are left out. */
  setDenial: (allowlist: Allowlist) => void;
  remove: (name: string) => void;
  collected: () => SourceChanges;
}>;

export function createChangeCollector(): ChangeCollector {
  const changed: Allowlist[] = [];
  const removed: string[] = [];
  const denied = new Map<string, DeniedState>();
  return {
    set: ({ allowlist, problems, isOver }) => {
      changed.push(allowlist);
      if (isOver) {
        denied.set(allowlist.name, 'over-bound');
      } else if (problems.length > 0) {
        denied.set(allowlist.name, 'invalid');
      }
    },
    setDenial: (allowlist) => {
      changed.push(allowlist);
      denied.set(allowlist.name, 'over-bound');
    },
    remove: (name) => removed.push(name),
    collected: () => ({ changed, removed, denied }),
  };
}
