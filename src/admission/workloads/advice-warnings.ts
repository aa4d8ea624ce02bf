import {
  defaultWarning,
  misplacedWarning,
  misspeltWarning,
  rrsaWarning,
  type Whose,
  workloadWarning,
} from './advice-messages.ts';
import type { DefaultedPlace, WrongPlace } from './judge-places.ts';
import type { RolePlace } from './role-place.ts';
import type { WorkloadChange } from './workload-change.ts';

/** The API server passes on 4096 bytes of all warnings together, and nobody reads more. */
const MAX_WARNINGS = 10;

/** A warning, and what it is about: of several about the same thing only the first is told. */
type Advice = Readonly<{ about: string; text: string }>;

/** Whose pods a message is about; the place goes without saying where there is but one. */
export function whoseOf({ kind, after }: WorkloadChange, { path }: RolePlace): Whose {
  return { kind, path: after.isCustom ? path : undefined };
}

/** Lists what is to be said of a workload, the gravest first. */
export function listWarnings(
  change: WorkloadChange,
  told: readonly WrongPlace[],
  defaulted: readonly DefaultedPlace[],
): readonly string[] {
  const { kind, after } = change;
  const advice: readonly Advice[] = [
    ...firstOfEachRole(told).map(({ place, subject, violation }) => ({
      about: `role ${violation.role}`,
      text: workloadWarning(whoseOf(change, place), subject, violation),
    })),
    ...defaulted.map(({ place, defaultRole }) => ({
      about: 'default',
      text: defaultWarning(whoseOf(change, place), defaultRole),
    })),
    ...after.places.flatMap(({ misspeltKey, path }) =>
      misspeltKey === undefined
        ? []
        : [{ about: `key ${misspeltKey}`, text: misspeltWarning({ kind }, misspeltKey, path) }],
    ),
    ...after.misplaced.map((misplaced) => ({
      about: `misplaced ${misplaced.path}`,
      text: misplacedWarning({ kind }, misplaced),
    })),
    ...after.places.flatMap((place) =>
      place.role === undefined || place.rrsa === undefined
        ? []
        : [
            {
              about: `rrsa ${place.role}`,
              text: rrsaWarning(whoseOf(change, place), place.role, place.rrsa),
            },
          ],
    ),
  ];
  return firstOfEach(advice).slice(0, MAX_WARNINGS);
}

/** A text may take long to find its hint: only those that can be told are made. */
function firstOfEachRole(told: readonly WrongPlace[]): readonly WrongPlace[] {
  const firsts = new Map(told.toReversed().map((wrong) => [wrong.violation.role, wrong]));
  return told.filter((wrong) => firsts.get(wrong.violation.role) === wrong).slice(0, MAX_WARNINGS);
}

function firstOfEach(advice: readonly Advice[]): readonly string[] {
  const texts = new Map<string, string>();
  for (const { about, text } of advice) {
    texts.set(about, texts.get(about) ?? text);
  }
  return [...texts.values()];
}
