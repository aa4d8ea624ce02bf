import type { AllowlistSpec } from './allowlist.ts';
import { type AllowlistWarning, entriesOf, warnOf } from './allowlist-warning.ts';
import { nearest } from './edit-distance.ts';
import { isAnything, isGlob } from './glob.ts';
import type { NamespaceSurvey } from './survey-namespaces.ts';

const MAX_TYPOS = 2;

/** Finds namespaces that are named and not there, and patterns that take in more than those that are. */
export function warnOfNamespaces(
  { namespaces = [] }: AllowlistSpec,
  { missing, unmatched, known }: NamespaceSurvey,
  allowsNothing: boolean,
): readonly AllowlistWarning[] {
  // What allows nothing, such as a list that is there for its action alone, may be as wide as it likes.
  const gets = allowsNothing ? 'the list' : 'these roles';
  const [first] = missing;
  const meant = first === undefined ? undefined : nearest(first, [...known.keys()], MAX_TYPOS);
  return [
    ...warnOf(
      entriesOf('namespaces', namespaces, (name) => isAnything(name) && !allowsNothing),
      'selects every namespace, those yet to be created too',
      'name the namespaces that shall have these roles',
    ),
    ...warnOf(
      entriesOf('namespaces', namespaces, (name) => missing.has(name)),
      `there is no such namespace today, and whoever creates it gets ${gets}`,
      meant === undefined
        ? 'check the name, or create the namespace first'
        : `did you mean "${meant}"${missing.size === 1 ? '' : ` by "${first}"`}?`,
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
