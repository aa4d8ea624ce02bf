import type { CompiledAllowlist } from './compiled-allowlist.ts';
import { compileLabelSelector, type LabelSelector, type Labels } from './label-selector.ts';

/** The one label of a namespace that the API server sets, and nobody else can. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

/** What a namespace that is yet to be created has at the least. */
export function labelsOfNew(name: string): Labels {
  return new Map([[NAME_LABEL, name]]);
}

/** Names of namespaces, as a list has them: by themselves, and as values of the label that is their name. */
export type NamedNamespaces = Readonly<{ byName: readonly string[]; byLabel: readonly string[] }>;

/** Finds the names of a list that no namespace has. */
export function findMissing(
  allowlist: CompiledAllowlist | undefined,
  known: ReadonlyMap<string, Labels>,
): NamedNamespaces {
  const isMissing = (name: string) => !known.has(name);
  return {
    byName: (allowlist?.exactNamespaces ?? []).filter(isMissing),
    byLabel: namesOf(allowlist?.spec.namespaceSelector ?? {}).filter(isMissing),
  };
}

/** The names that a selector asks for one by one, as far as all that it asks of the name holds for them. */
function namesOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly string[] {
  const exact = Object.entries(matchLabels).filter(([key]) => key === NAME_LABEL);
  const requirements = matchExpressions.filter(({ key }) => key === NAME_LABEL);
  const holds = compileLabelSelector({
    matchLabels: Object.fromEntries(exact),
    matchExpressions: requirements,
  });
  const names = [
    ...exact.map(([, name]) => name),
    ...requirements.flatMap(({ operator, values = [] }) => (operator === 'In' ? values : [])),
  ];
  return names.filter((name) => holds(labelsOfNew(name)));
}
