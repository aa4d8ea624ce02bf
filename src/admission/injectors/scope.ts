import {
  type LabelSelector,
  type LabelSelectorRequirement,
  type Labels,
  labelsOfNew,
  matchesSelector,
  NAME_LABEL,
} from '../../policy/label-selector.ts';

/** A namespace to whose pods an injector applies. */
export type KnownScope = Readonly<{
  kind: 'namespace';
  namespace: string;
  labels: Labels;
  /** Whether a selector names it although the cluster does not have it. */
  isMissing: boolean;
}>;

/**
 * Where an injector applies: to one namespace; to some namespaces if nobody knows to which; or to all of them, now and
 * later.
 */
export type NamespaceScope = KnownScope | Readonly<{ kind: 'unknown' }> | Readonly<{ kind: 'all' }>;

/** Among these scopes are those of a selector, always in the same order. */
type Candidates = Readonly<{
  scopes: readonly Exclude<NamespaceScope, { kind: 'all' }>[];
  /** Whether a namespace with these labels is one. */
  matches: (labels: Labels) => boolean;
  /** How many requirements that compares. */
  requirements: number;
  /** How many namespaces were gone through to find the scopes. */
  searched: number;
}>;

/**
 * Prepares to find scopes among the namespaces of the cluster. A namespace that a selector names by the label with its
 * name is in scope before it exists. If the namespaces are not known, only such names are.
 */
export function createScopes(
  namespaces: ReadonlyMap<string, Labels> | undefined,
): (selector: LabelSelector) => Candidates {
  let sorted: readonly KnownScope[] | undefined;
  const byLabel = new Map<string, ReadonlyMap<string | undefined, readonly KnownScope[]>>();
  return (selector) => {
    const matches = (labels: Labels) => matchesSelector(selector, labels);
    const names = namesIn(selector);
    const requirements = requirementsOf(selector).length;
    if (names !== undefined) {
      const scopes = names.flatMap((name) => scopeOf(name, matches));
      return { scopes, matches: () => true, requirements: 0, searched: names.length * requirements };
    }
    return namespaces === undefined
      ? { scopes: [{ kind: 'unknown' }], matches, requirements, searched: 0 }
      : { ...narrow(selector, namespaces), matches, requirements };
  };

  function scopeOf(namespace: string, matches: Candidates['matches']): readonly KnownScope[] {
    const labels = namespaces?.get(namespace);
    if (labels !== undefined) {
      return matches(labels) ? [{ kind: 'namespace', namespace, labels, isMissing: false }] : [];
    }
    const isMissing = namespaces !== undefined;
    return [{ kind: 'namespace', namespace, labels: labelsOfNew(namespace), isMissing }];
  }

  /** Hundreds of entries may each select a value of one label: none of them needs to try every namespace. */
  function narrow(
    selector: LabelSelector,
    all: ReadonlyMap<string, Labels>,
  ): Pick<Candidates, 'scopes' | 'searched'> {
    sorted ??= [...all]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([namespace, labels]) => ({ kind: 'namespace', namespace, labels, isMissing: false }));
    const requirement = requirementsOf(selector).find(({ operator }) => operator === 'In');
    if (requirement === undefined) {
      return { scopes: sorted, searched: 0 };
    }
    const { key, values = [] } = requirement;
    const known = byLabel.get(key);
    const byValue = known ?? Map.groupBy(sorted, ({ labels }) => labels.get(key));
    byLabel.set(key, byValue);
    const scopes = [...new Set(values)].flatMap((value) => byValue.get(value) ?? []);
    return { scopes, searched: known === undefined ? sorted.length : 0 };
  }
}

/** The names to which a selector confines itself; undefined if it does not. Requirements on other labels do not count. */
export function namesIn(selector: LabelSelector): readonly string[] | undefined {
  const onName = requirementsOf(selector).filter(({ key }) => key === NAME_LABEL);
  const names = onName.find(({ operator }) => operator === 'In')?.values;
  return (
    names &&
    [...new Set(names)]
      .sort()
      .filter((name) => matchesSelector({ matchExpressions: onName }, labelsOfNew(name)))
  );
}

function requirementsOf({
  matchLabels = {},
  matchExpressions = [],
}: LabelSelector): readonly LabelSelectorRequirement[] {
  const ofLabels = Object.entries(matchLabels).map(([key, value]) => ({
    key,
    operator: 'In' as const,
    values: [value],
  }));
  return [...ofLabels, ...matchExpressions];
}
