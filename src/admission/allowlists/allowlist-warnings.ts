import { quoted, shorten } from '../../text/printable.ts';
import { formatPath, type Problem } from '../../text/problem.ts';
import { MAX_WARNING_CHARACTERS, toWarning } from '../messages.ts';
import type { AllowlistPlace, AllowlistWarning } from './lint/finding.ts';

/** Places are named while there is room for what is said of them. */
const MAX_PLACES_CHARACTERS = 90;

/** Told of each problem, whatever else there is no room for. */
const INVALID = '; the list will be Invalid';
const WHAT_INVALID_MEANS = ': it allows nothing, and denies in the namespaces it selects';

/** The text of a warning: where, what it leads to, and what to do. */
export function allowlistWarning({ places, problem, advice }: AllowlistWarning): string {
  return toWarning(`${listPlaces(places)}: ${problem}; ${advice}`);
}

/** The warnings of a list that our schema does not accept, and of how many more problems it has. */
export function invalidWarnings(problems: readonly Problem[], more: number): readonly string[] {
  return [
    ...new Set(problems.map(invalidWarning)),
    ...(more > 0 ? [`${more} more like the above make the list Invalid`] : []),
  ];
}

function invalidWarning({ path, expected, found }: Problem): string {
  const problem = `${formatPath(path) || 'the object'}: expected ${expected}, found ${found}`;
  const text = problem + INVALID + WHAT_INVALID_MEANS;
  return text.length <= MAX_WARNING_CHARACTERS
    ? text
    : shorten(problem, MAX_WARNING_CHARACTERS - INVALID.length) + INVALID;
}

/** The warning of what there was no time for. */
export function leftOutWarning(leftOut: number): string {
  return `${leftOut} namespaces were left out for want of time: the list may soften or contradict what holds there; see kubectl get ramroleallowlists`;
}

function listPlaces(places: readonly AllowlistPlace[]): string {
  let text = '';
  let named = 0;
  for (const { path, value } of places) {
    const place = value === undefined ? path : `${path} ${quoted(value)}`;
    if (named > 0 && text.length + place.length > MAX_PLACES_CHARACTERS) {
      break;
    }
    text += named === 0 ? place : `, ${place}`;
    named++;
  }
  return named === places.length ? text : `${text} and ${places.length - named} more`;
}
