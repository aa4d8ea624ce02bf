import type { LabelSelector, LabelSelectorRequirement } from '../policy/label-selector.ts';
import { celText, celTexts } from './cel-text.ts';

/** Says in CEL that a map of labels meets a selector, as compileLabelSelector does; an empty one selects everything. */
export function buildLabelsExpression(
  labels: string,
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
): string {
  const terms = [
    ...Object.entries(matchLabels).map(([key, value]) => requireIn(labels, key, [value])),
    ...matchExpressions.map((requirement) => buildRequirement(labels, requirement)),
  ];
  return terms.length === 0 ? 'true' : `(${terms.join(' && ')})`;
}

function buildRequirement(labels: string, { key, operator, values = [] }: LabelSelectorRequirement): string {
  switch (operator) {
    case 'In':
      return requireIn(labels, key, values);
    case 'NotIn':
      return `!${requireIn(labels, key, values)}`;
    case 'Exists':
      return requireKey(labels, key);
    case 'DoesNotExist':
      return `!(${requireKey(labels, key)})`;
  }
}

function requireIn(labels: string, key: string, values: readonly string[]): string {
  return `(${requireKey(labels, key)} && ${labels}[${celText(key)}] in ${celTexts(values)})`;
}

function requireKey(labels: string, key: string): string {
  return `${celText(key)} in ${labels}`;
}
