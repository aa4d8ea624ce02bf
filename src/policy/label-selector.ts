/** One requirement of a label selector, as in Kubernetes' `metav1.LabelSelectorRequirement`. */
export type LabelSelectorRequirement = Readonly<{
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: readonly string[] | undefined;
}>;

/** A label selector, as in Kubernetes' `metav1.LabelSelector`; an empty one selects everything. */
export type LabelSelector = Readonly<{
  matchLabels?: Readonly<Record<string, string>> | undefined;
  matchExpressions?: readonly LabelSelectorRequirement[] | undefined;
}>;

/** The labels of an object. A Map, so that no label can be mistaken for a property of Object.prototype. */
export type Labels = ReadonlyMap<string, string>;

/** The label that the API server sets on every namespace, and that nobody can change. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

/** The labels that every new namespace of this name has. */
export function labelsOfNew(name: string): Labels {
  return new Map([[NAME_LABEL, name]]);
}

/** Whether labels meet a selector. Requirements are ANDed; `NotIn` also holds if the key is absent, as in Kubernetes. */
export function matchesSelector(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Labels,
): boolean {
  return (
    Object.keys(matchLabels).every((key) => labels.get(key) === matchLabels[key]) &&
    matchExpressions.every((requirement) => meets(requirement, labels))
  );
}

function meets({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labels.get(key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
