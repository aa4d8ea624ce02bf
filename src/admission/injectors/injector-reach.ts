import { compileLabelSelector, type LabelSelector, type Labels } from '../../policy/label-selector.ts';
import type { InjectorEntry } from './parse-injector.ts';

/** A namespace in which roles are judged. */
export type Place = Readonly<{
  namespace: string;
  labels: Labels;
  /** Pods of it may name any role. */
  isExcluded: boolean;
}>;

/** Where an injector's entries reach. */
export type Reach = Readonly<{
  /** Every namespace that an entry may reach, sorted by name. */
  places: readonly Place[];
  /** Tells whether an entry acts on the pods of a place. */
  reaches: (entry: InjectorEntry, place: Place) => boolean;
}>;

const NAME_LABEL = 'kubernetes.io/metadata.name';
const NO_LABELS: Labels = new Map();

/**
 * Stands for a namespace of which nothing is known: no list can name it, only `*` matches it, so that what is allowed
 * there is allowed everywhere.
 */
export const ANY_NAMESPACE: Place = { namespace: '?', labels: NO_LABELS, isExcluded: false };

/** Stands for all namespaces at once, those yet to be created too: no list selects it. */
export const EVERY_NAMESPACE: Place = { namespace: '', labels: NO_LABELS, isExcluded: false };

/**
 * Finds where entries reach, given the namespaces that there are, or undefined where they are not known: then those that
 * a selector names by the label with their name, else any.
 */
export function findReach(
  entries: readonly InjectorEntry[],
  namespaces: ReadonlyMap<string, Labels> | undefined,
  excludedNamespaces: readonly string[],
): Reach {
  const excluded = new Set(excludedNamespaces);
  const toPlaces = (found: Iterable<readonly [string, Labels]>): readonly Place[] =>
    [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([namespace, labels]) => ({ namespace, labels, isExcluded: excluded.has(namespace) }));

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
    places: [ANY_NAMESPACE, ...toPlaces(new Map(names.map((name) => [name, NO_LABELS])))],
    reaches: (entry, place) => {
      const names = named.get(entry);
      return names === undefined ? place === ANY_NAMESPACE : names.has(place.namespace);
    },
  };
}

/**
 * The names to which a selector confines itself, undefined where it does not. What it asks for of other labels can only
 * take some away. Every value is looked at once, however many requirements there are.
 */
function namesIn({ matchExpressions = [] }: LabelSelector = {}): ReadonlySet<string> | undefined {
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
