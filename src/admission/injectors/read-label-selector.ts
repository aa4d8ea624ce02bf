import { isObject } from '../../json/json.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../../policy/label-selector.ts';
import { quoted } from '../../text/printable.ts';
import { type Read, readStruct, unreadable } from './read-struct.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/**
 * Reads a `metav1.LabelSelector` as Go does. Absent and null are undefined, what that selects is the reader's own;
 * fields that it does not have are passed over, so that `{"team": "a"}` is the empty selector, which selects all.
 */
export function readLabelSelector(value: unknown, path: string): Read<LabelSelector | undefined> {
  if (value === undefined || value === null) {
    return { value: undefined };
  }
  const struct = readStruct(value, path, ['matchLabels', 'matchExpressions']);
  if (struct.problem !== undefined) {
    return struct;
  }

  const labels = struct.value.get('matchLabels') ?? {};
  if (!isObject(labels)) {
    return unreadable(`${path}.matchLabels`, 'a map of texts', labels);
  }
  const odd = Object.entries(labels).find(([, label]) => !isText(label));
  if (odd !== undefined) {
    return unreadable(`${path}.matchLabels[${quoted(odd[0])}]`, 'a text', odd[1]);
  }
  const expressions = struct.value.get('matchExpressions') ?? [];
  if (!Array.isArray(expressions)) {
    return unreadable(`${path}.matchExpressions`, 'a list', expressions);
  }

  const matchExpressions: LabelSelectorRequirement[] = Object.entries(labels).map(([key, label]) => ({
    key,
    operator: 'In',
    values: [toText(label)],
  }));
  for (const [index, expression] of expressions.entries()) {
    const requirement = readRequirement(expression, `${path}.matchExpressions[${index}]`);
    if (requirement.problem !== undefined) {
      return requirement;
    }
    matchExpressions.push(requirement.value);
  }
  return { value: { matchExpressions } };
}

function readRequirement(expression: unknown, path: string): Read<LabelSelectorRequirement> {
  const struct = readStruct(expression, path, ['key', 'operator', 'values']);
  if (struct.problem !== undefined) {
    return struct;
  }
  const key = struct.value.get('key');
  if (typeof key !== 'string') {
    return unreadable(`${path}.key`, 'a label key', key);
  }
  const found = struct.value.get('operator');
  const operator = OPERATORS.find((known) => known === found);
  if (operator === undefined) {
    return unreadable(`${path}.operator`, OPERATORS.join(', '), found);
  }
  const values = struct.value.get('values') ?? [];
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (!Array.isArray(values) || !values.every(isText) || values.length > 0 !== needsValues) {
    return unreadable(`${path}.values`, needsValues ? 'texts, at least one' : 'no values', values);
  }
  return { value: { key, operator, values: values.map(toText) } };
}

/** Go reads null into a text as the empty one. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || value === null;
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
