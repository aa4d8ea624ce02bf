import type { LabelSelector } from '../../../policy/label-selector.ts';
import { NAME_LABEL } from '../../../policy/label-selector.ts';
import type { AllowlistSpec } from '../../../policy/schema/allowlist.ts';
import type { NamespaceSurvey } from '../survey-namespaces.ts';
import { type AllowlistPlace, type AllowlistWarning, warnOf } from './finding.ts';
import { warnOfMissing } from './missing.ts';

const SELECTOR = [{ path: 'spec.namespaceSelector' }];

/** Finds selectors by labels that owners of namespaces may set, and those that select all namespaces, or none. */
export function warnOfSelector(
  { namespaceSelector }: AllowlistSpec,
  survey: NamespaceSurvey,
  allowsNothing: boolean,
): readonly AllowlistWarning[] {
  if (namespaceSelector === undefined) {
    return [];
  }
  const { selectorMatchesNone } = survey;
  const { byName, byOthers } = readKeys(namespaceSelector);
  const isOpen = byOthers.length === 0 && !byName && !selectorMatchesNone && !allowsNothing;
  return [
    ...warnOf(
      isOpen ? SELECTOR : [],
      isEmpty(namespaceSelector)
        ? 'empty, so it selects every namespace, those yet to be created too'
        : 'selects namespaces yet to be created too, and whoever creates one gets these roles',
      'name the namespaces that shall have these roles',
    ),
    ...warnOf(
      selectorMatchesNone ? SELECTOR : [],
      'selects no namespace today',
      'compare it with: kubectl get namespaces --show-labels',
    ),
    ...warnOfMissing(
      selectorMatchesNone ? [] : placesOfMissing(namespaceSelector, survey),
      survey,
      allowsNothing,
    ),
    ...warnOf(
      byOthers,
      'whoever may update a namespace can set or remove this label, and so decides whether the list selects it',
      `use namespaces, or the label ${NAME_LABEL}`,
    ),
  ];
}

function placesOfMissing(
  { matchExpressions = [] }: LabelSelector,
  { missingByLabel }: NamespaceSurvey,
): readonly Required<AllowlistPlace>[] {
  return matchExpressions.flatMap(({ key, operator, values = [] }, index) =>
    (key === NAME_LABEL && operator === 'In' ? values : [])
      .filter((value) => missingByLabel.has(value))
      .map((value) => ({ path: `spec.namespaceSelector.matchExpressions[${index}]`, value })),
  );
}

/** Whether it takes in only namespaces that it names, and where it asks for any other label. */
function readKeys({ matchLabels = {}, matchExpressions = [] }: LabelSelector) {
  const byOthers: AllowlistPlace[] = Object.keys(matchLabels)
    .filter((key) => key !== NAME_LABEL)
    .map((value) => ({ path: 'spec.namespaceSelector.matchLabels', value }));
  for (const [index, { key }] of matchExpressions.entries()) {
    if (key !== NAME_LABEL) {
      byOthers.push({ path: `spec.namespaceSelector.matchExpressions[${index}]`, value: key });
    }
  }
  const byName =
    Object.hasOwn(matchLabels, NAME_LABEL) ||
    matchExpressions.some(({ key, operator }) => key === NAME_LABEL && operator === 'In');
  return { byName, byOthers };
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
