import { isRefused, type WrongPlace } from './judge-places.ts';
import { type RolePlace, withoutIndices } from './role-place.ts';

/** What a place after the change and one before it have in common, where the one may stand for the other. */
type KeyOf = (place: RolePlace) => string;

/** The same pods, in the same place. */
const asItWas: KeyOf = ({ path, role, serviceAccount }) => JSON.stringify([path, role, serviceAccount]);

/** The same pods elsewhere in the same list, in which something was inserted, removed or put in another order. */
const moved: KeyOf = ({ path, role, serviceAccount }) =>
  JSON.stringify([withoutIndices(path), role, serviceAccount]);

/** The same role in the same place, for another ServiceAccount. */
const inPlace: KeyOf = ({ path, role }) => JSON.stringify([path, role]);

/**
 * Finds the first place whose pods will be refused by what the change did. What was refused before, by today's lists, is
 * nobody's new mistake, nor is what may be for no pod; each place before excuses one after, and the most alike are matched first.
 *
 * @param after what is wrong now, in the order of the object
 * @param before the places as they were, right or wrong: of the same role and ServiceAccount lists say the same today, so
 *   that only those for another ServiceAccount have to be judged
 * @param wasRefused judges a place as it was
 */
export function findNewlyRefused(
  after: readonly WrongPlace[],
  before: readonly RolePlace[],
  wasRefused: (place: RolePlace) => boolean,
): WrongPlace | undefined {
  const refused = after.filter((wrong) => isRefused(wrong) && wrong.place.isForPods);
  const still = pairOff(refused, before.filter(isForPods), asItWas);
  const others = pairOff(still.after, still.before, moved);
  const left = Map.groupBy(others.before, inPlace);
  return others.after.find(({ place }) => {
    const was = left.get(inPlace(place))?.pop();
    return was === undefined || !wasRefused(was);
  });
}

function isForPods(place: RolePlace): boolean {
  return place.isForPods;
}

/** Takes away each place after the change for which there is one before it, and that one with it. */
function pairOff(
  after: readonly WrongPlace[],
  before: readonly RolePlace[],
  keyOf: KeyOf,
): Readonly<{ after: readonly WrongPlace[]; before: readonly RolePlace[] }> {
  const left = Map.groupBy(before, keyOf);
  return {
    after: after.filter(({ place }) => left.get(keyOf(place))?.pop() === undefined),
    before: [...left.values()].flat(),
  };
}
