import type { Allowlist } from './schema/allowlist.ts';
import { DENY_ONLY } from './schema/fallback.ts';
import type { Share } from './share.ts';

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
