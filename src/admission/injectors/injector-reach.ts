import { compileLabelSelector, type LabelSelector, type Labels } from '../../policy/label-selector.ts';
import type { InjectorEntry } from './parse-injector.ts';

/** A namespace in which roles are judged. */
export type Place = Readonly<{ namespace: string; labels: Labels }>;

/** Where an injector's entries reach. */
export type Reach = Readonly<{
  /** Every namespace to judge, sorted by name. */
  places: readonly Place[];
  /** Tells whether an entry acts on the pods of a place. */
  reaches: (entry: InjectorEntry, place: Place) => boolean;
}>;

const NAME_LABEL = 'kubernetes.io/metadata.name';

/**
 * Stands for a namespace of which nothing is known: no list can name it, only `*` matches it, so that what is allowed
 * there is allowed everywhere.
 */
export const ANY_NAMESPACE: Place = { namespace: '?', labels: new Map() };

/**
 * Finds where entries reach, given the namespaces that there are, or undefined where they are not known: then those that
 * a selector names by the label with their name, else any. Pods of excluded namespaces may name any role.
 */
export function findReach(
  entries: readonly InjectorEntry[],
  namespaces: ReadonlyMap<string, Labels> | undefined,
  excludedNamespaces: readonly string[],
): Reach {
  const excluded = new Set(excludedNamespaces);
  const toPlaces = (found: Iterable<readonly [string, Labels]>): readonly Place[] =>
    [...found]
      .filter(([namespace]) => !excluded.has(namespace))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([namespace, labels]) => ({ namespace, labels }));

  if (namespaces !== undefined) {
    const matchers = new Map(
      entries.map((entry) => [entry, compileLabelSelector(entry.injection?.namespaceSelector ?? {})]),
    );
    return {
      places: toPlaces(namespaces),
      reaches: (entry, { labels }) => matchers.get(entry)?.(labels) === true,
    };
  }

  const named = new Map(entries.map((entry) => [entry, namesIn(entry.injection?.namespaceSelector)]));
  const names = [...named.values()].flatMap((names) => [...(names ?? [])]);
  return {
    places: [ANY_NAMESPACE, ...toPlaces(new Map(names.map((name) => [name, ANY_NAMESPACE.labels])))],
    reaches: (entry, place) => {
      const names = named.get(entry);
      return names === undefined ? place === ANY_NAMESPACE : names.has(place.namespace);
    },
  };
}

/** The names to which a selector confines itself, undefined where it does not. What else it asks for can only take some away. */
function namesIn({ matchExpressions = [] }: LabelSelector = {}): ReadonlySet<string> | undefined {
  const requirements = matchExpressions.filter(({ key }) => key === NAME_LABEL);
  const confining = requirements.find(({ operator }) => operator === 'In');
  if (confining === undefined) {
    return undefined;
  }
  const matches = compileLabelSelector({ matchExpressions: requirements });
  return new Set(confining.values?.filter((name) => matches(new Map([[NAME_LABEL, name]]))));
}
