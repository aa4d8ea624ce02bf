import { editDistance, MAX_TYPOS } from '../../text/edit-distance.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';

/** More keys of nearly the right length are in no honest object, and each costs a comparison. */
const MAX_COMPARED_KEYS = 256;

/** Finds the first of a map's keys that was probably meant to be the annotation's; undefined where there is none. */
export type FindMisspeltKey = (keys: readonly string[]) => string | undefined;

/** Creates the search through the maps of one object. Keys of another length cost nothing. */
export function createMisspeltKeySearch(): FindMisspeltKey {
  let compared = 0;
  return (keys) =>
    keys.find((key) => {
      const isCandidate =
        Math.abs(key.length - ROLE_ANNOTATION.length) <= MAX_TYPOS && key !== ROLE_ANNOTATION;
      if (!isCandidate || compared === MAX_COMPARED_KEYS) {
        return false;
      }
      compared += 1;
      return editDistance(key.toLowerCase(), ROLE_ANNOTATION, MAX_TYPOS) <= MAX_TYPOS;
    });
}
