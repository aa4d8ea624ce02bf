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

/** Compiles a label selector. Requirements are ANDed; `NotIn` also holds if the key is absent, as in Kubernetes. */
export function compileLabelSelector(selector: LabelSelector): (labels: Labels) => boolean {
  const requirements = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requireIn(key, [value])),
    ...(selector.matchExpressions ?? []).map(compileRequirement),
  ];
  return (labels) => requirements.every((holds) => holds(labels));
}

function compileRequirement({
  key,
  operator,
  values = [],
}: LabelSelectorRequirement): (labels: Labels) => boolean {
  switch (operator) {
    case 'In':
      return requireIn(key, values);
    case 'NotIn': {
      const isIn = requireIn(key, values);
      return (labels) => !isIn(labels);
    }
    case 'Exists':
      return (labels) => labels.has(key);
    case 'DoesNotExist':
      return (labels) => !labels.has(key);
  }
}

function requireIn(key: string, values: readonly string[]): (labels: Labels) => boolean {
  const accepted = new Set(values);
  return (labels) => {
    const value = labels.get(key);
    return value !== undefined && accepted.has(value);
  };
}
