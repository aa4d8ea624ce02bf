import type { AllowlistSpec } from './allowlist.ts';
import { type AllowlistPlace, type AllowlistWarning, warnOf } from './allowlist-warning.ts';
import type { LabelSelector } from './label-selector.ts';
import type { NamespaceSurvey } from './survey-namespaces.ts';

/** The one label of a namespace that the API server sets, and nobody else can. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

const SELECTOR = [{ path: 'spec.namespaceSelector' }];

/** Finds selectors by labels that owners of namespaces may set, and those that select all namespaces, or none. */
export function warnOfSelector(
  { namespaceSelector }: AllowlistSpec,
  { selectorMatchesNone }: NamespaceSurvey,
  allowsNothing: boolean,
): readonly AllowlistWarning[] {
  if (namespaceSelector === undefined) {
    return [];
  }
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
    ...warnOf(
      byOthers,
      'whoever may update a namespace can set or remove this label, and so decides whether the list selects it',
      `use namespaces, or the label ${NAME_LABEL}`,
    ),
  ];
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
