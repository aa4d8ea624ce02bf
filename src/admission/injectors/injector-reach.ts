import {
  compileLabelSelector,
  type LabelSelector,
  type Labels,
  labelsOfNew,
  NAME_LABEL,
} from '../../policy/label-selector.ts';
import type { InjectorEntry } from './parse-injector.ts';

/** A namespace in which roles are judged. */
export type Place = Readonly<{
  namespace: string;
  labels: Labels;
  /** Pods of it may name any role. */
  isExcluded: boolean;
  /** It is named by an entry, and not there today. */
  isMissing: boolean;
}>;

/** Where an injector's entries reach. */
export type Reach = Readonly<{
  /** Every namespace that an entry may reach, sorted by name. */
  places: readonly Place[];
  /** Tells whether an entry acts on the pods of a place. */
  reaches: (entry: InjectorEntry, place: Place) => boolean;
}>;

const NOWHERE = { labels: new Map<string, string>(), isExcluded: false, isMissing: false };

/**
 * Stands for a namespace of which nothing is known: no list can name it, only `*` matches it, so that what is allowed
 * there is allowed everywhere.
 */
export const ANY_NAMESPACE: Place = { ...NOWHERE, namespace: '?' };

/** Stands for all namespaces at once, those yet to be created too: no list selects it. */
export const EVERY_NAMESPACE: Place = { ...NOWHERE, namespace: '' };

/**
 * Finds where entries reach: given the namespaces that there are, those and what is named and not there yet; without them,
 * what a selector names by the label with the name of a namespace, else any.
 */
export function findReach(
  entries: readonly InjectorEntry[],
  namespaces: ReadonlyMap<string, Labels> | undefined,
  excludedNamespaces: readonly string[],
): Reach {
  const excluded = new Set(excludedNamespaces);
  const selections = new Map(
    entries.map((entry) => {
      const selector = entry.injection?.namespaceSelector ?? {};
      return [entry, { names: namesIn(selector), matches: compileLabelSelector(selector) }];
    }),
  );
  const named = new Set([...selections.values()].flatMap(({ names }) => [...(names ?? [])]));
  const places = [...new Set([...(namespaces?.keys() ?? []), ...named])].sort().map((namespace) => ({
    namespace,
    labels: namespaces?.get(namespace) ?? labelsOfNew(namespace),
    isExcluded: excluded.has(namespace),
    isMissing: namespaces !== undefined && !namespaces.has(namespace),
  }));
  return {
    places: namespaces === undefined ? [ANY_NAMESPACE, ...places] : places,
    reaches: (entry, place) => {
      const selection = selections.get(entry);
      return namespaces?.has(place.namespace)
        ? selection?.matches(place.labels) === true
        : (selection?.names?.has(place.namespace) ?? place === ANY_NAMESPACE);
    },
  };
}

/**
 * The names to which a selector confines itself, undefined where it does not. What it asks for of other labels can only
 * take some away. Every value is looked at once, however many requirements there are.
 */
function namesIn({ matchExpressions = [] }: LabelSelector): ReadonlySet<string> | undefined {
  const requirements = matchExpressions.filter(({ key }) => key === NAME_LABEL);
  let names: Set<string> | undefined;
  for (const { operator, values = [] } of requirements) {
    if (operator === 'In') {
      const known = names;
      names = new Set(known === undefined ? values : values.filter((name) => known.has(name)));
    }
  }
  for (const { operator, values = [] } of requirements) {
    if (operator === 'DoesNotExist') {
      names?.clear();
    }
    for (const name of operator === 'NotIn' ? values : []) {
      names?.delete(name);
    }
  }
  return names;
}
