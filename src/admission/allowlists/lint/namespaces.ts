import { isAnything, isGlob } from '../../../policy/glob.ts';
import type { AllowlistSpec } from '../../../policy/schema/allowlist.ts';
import type { NamespaceSurvey } from '../survey-namespaces.ts';
import { type AllowlistWarning, entriesOf, warnOf } from './finding.ts';
import { warnOfMissing } from './missing.ts';

/** Finds namespaces that are named and not there, and patterns that take in more than those that are. */
export function warnOfNamespaces(
  { namespaces = [] }: AllowlistSpec,
  survey: NamespaceSurvey,
  allowsNothing: boolean,
): readonly AllowlistWarning[] {
  // What allows nothing, such as a list that is there for its action alone, may be as wide as it likes.
  const gets = allowsNothing ? 'the list' : 'these roles';
  const { missing, unmatched } = survey;
  return [
    ...warnOf(
      entriesOf('namespaces', namespaces, (name) => isAnything(name) && !allowsNothing),
      'selects every namespace, those yet to be created too',
      'name the namespaces that shall have these roles',
    ),
    ...warnOfMissing(
      entriesOf('namespaces', namespaces, (name) => missing.has(name)),
      survey,
      allowsNothing,
    ),
    ...warnOf(
      entriesOf('namespaces', namespaces, (name) => unmatched.has(name)),
      `matches no namespace today, and whoever creates one that it matches gets ${gets}`,
      'check the pattern, or name the namespaces',
    ),
    ...warnOf(
      entriesOf(
        'namespaces',
        namespaces,
        (name) => isGlob(name) && !isAnything(name) && !unmatched.has(name) && !allowsNothing,
      ),
      'whoever may create namespaces can create one that it matches, and so get these roles',
      'name the namespaces, unless only you may create any',
    ),
  ];
}
