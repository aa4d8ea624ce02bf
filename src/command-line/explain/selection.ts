import type { CompiledAllowlist } from '../../policy/allowlist.ts';
import { Rank } from '../../policy/allowlist.ts';
import { isGlob, matchesGlob } from '../../policy/glob.ts';
import type { RankedAllowlist } from '../../policy/selection.ts';
import { describeSelector } from '../output.ts';

const HOW = { [Rank.exact]: 'name', [Rank.glob]: 'pattern', [Rank.selector]: 'labels' } as const;

/** How an allowlist selects a namespace, and the entry by which it does. */
export type SelectedBy = Readonly<{ how: 'name' | 'pattern' | 'labels'; entry: string }>;

/** Finds the entry by which an allowlist selects a namespace. */
export function findSelectedBy({ allowlist, rank }: RankedAllowlist, namespace: string): SelectedBy {
  const { namespaces = [], namespaceSelector } = allowlist.spec;
  const how = HOW[rank];
  const entry =
    how === 'name'
      ? namespace
      : namespaces.find((pattern) => isGlob(pattern) && matchesGlob(pattern, namespace));
  return { how, entry: how === 'labels' ? describeSelector(namespaceSelector) : (entry ?? '') };
}

/** The ServiceAccounts that an allowlist covers, in words. */
export function describeAccounts({ spec: { serviceAccounts } }: CompiledAllowlist): string {
  return serviceAccounts === undefined
    ? 'all ServiceAccounts'
    : `ServiceAccounts ${serviceAccounts.join(', ')}`;
}

/** The namespaces that an allowlist selects, in words. */
export function describeNamespaces({ spec: { namespaces, namespaceSelector } }: CompiledAllowlist): string {
  return namespaces === undefined ? `labels ${describeSelector(namespaceSelector)}` : namespaces.join(', ');
}
