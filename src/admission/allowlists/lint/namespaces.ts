import { isAnything, isGlob } from '../../../policy/glob.ts';
import { type LabelSelector, NAME_LABEL } from '../../../policy/label-selector.ts';
import type { AllowlistSpec } from '../../../policy/schema/allowlist.ts';
import { entriesOf, type FieldRef, finding, type LintFinding } from './finding.ts';

/** Finds patterns that match future namespaces, which get the roles. */
export function lintNamespaces(
  { namespaces = [] }: AllowlistSpec,
  allowsNothing: boolean,
): readonly LintFinding[] {
  if (allowsNothing) {
    return [];
  }
  return [
    ...finding('any-namespace', entriesOf('namespaces', namespaces, isAnything)),
    ...finding(
      'open-pattern',
      entriesOf('namespaces', namespaces, (name) => isGlob(name) && !isAnything(name)),
    ),
  ];
}

const SELECTOR = [{ path: 'spec.namespaceSelector' }];

/** Finds selectors that select future namespaces, and labels that owners of namespaces can set. */
export function lintSelector(
  { namespaceSelector }: AllowlistSpec,
  allowsNothing: boolean,
): readonly LintFinding[] {
  if (namespaceSelector === undefined) {
    return [];
  }
  const settable = settableLabels(namespaceSelector);
  const isOpen = !allowsNothing && settable.length === 0 && !selectsByName(namespaceSelector);
  const rule = isEmpty(namespaceSelector) ? 'empty-selector' : 'open-selector';
  return [...finding(rule, isOpen ? SELECTOR : []), ...finding('settable-label', settable)];
}

/** The parts of a selector that ask for another label than the name, which only the API server sets. */
function settableLabels({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly FieldRef[] {
  const path = 'spec.namespaceSelector';
  return [
    ...Object.keys(matchLabels).map((value) => ({ path: `${path}.matchLabels`, value })),
    ...matchExpressions.map(({ key }, index) => ({ path: `${path}.matchExpressions[${index}]`, value: key })),
  ].filter(({ value }) => value !== NAME_LABEL);
}

/** Whether a selector selects only namespaces that it names. */
function selectsByName({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return (
    Object.hasOwn(matchLabels, NAME_LABEL) ||
    matchExpressions.some(({ key, operator }) => key === NAME_LABEL && operator === 'In')
  );
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
