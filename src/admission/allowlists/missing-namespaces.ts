import type { CompiledAllowlist } from '../../policy/allowlist.ts';
import {
  compileLabelSelector,
  type LabelSelector,
  type Labels,
  labelsOfNew,
  NAME_LABEL,
} from '../../policy/label-selector.ts';

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
