import { nearest } from '../../../text/edit-distance.ts';
import type { NamespaceSurvey } from '../survey-namespaces.ts';
import { type AllowlistPlace, type AllowlistWarning, warnOf } from './finding.ts';

const MAX_TYPOS = 2;

/** Tells where a list names namespaces that are not there; the value of each place is such a name. */
export function warnOfMissing(
  places: readonly Required<AllowlistPlace>[],
  { known }: NamespaceSurvey,
  allowsNothing: boolean,
): readonly AllowlistWarning[] {
  const names = new Set(places.map(({ value }) => value));
  const [first] = names;
  const meant = first === undefined ? undefined : nearest(first, [...known.keys()], MAX_TYPOS);
  return warnOf(
    places,
    `there is no such namespace today, and whoever creates it gets ${allowsNothing ? 'the list' : 'these roles'}`,
    meant === undefined
      ? 'check the name, or create the namespace first'
      : `did you mean "${meant}"${names.size === 1 ? '' : ` by "${first}"`}?`,
  );
}
