import type { DefaultRole } from '../../policy/default-role.ts';
import { type Evaluation, evaluate, type Violation } from '../../policy/evaluate.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { buildSubject, type Subject } from '../../policy/subject.ts';
import { toSubject } from '../pod.ts';
import type { RolePlace } from './role-place.ts';

/** A place of a workload, and what becomes of the pods that it is for. */
export type JudgedPlace = Readonly<{ place: RolePlace; subject: Subject; evaluation: Evaluation }>;

/** A place whose role its pods may not have. */
export type WrongPlace = Readonly<{ place: RolePlace; subject: Subject; violation: Violation }>;

/** A place whose pods name no role and will get one. */
export type DefaultedPlace = Readonly<{ place: RolePlace; defaultRole: DefaultRole }>;

/** Evaluates what the pods of each place will be, by the rules that hold for pods. */
export function judgePlaces(
  places: readonly RolePlace[],
  policy: Policy,
  { namespace, labels, now }: Readonly<{ namespace: string; labels: Labels | undefined; now: number }>,
): readonly JudgedPlace[] {
  return places.map((place) => {
    const subject =
      place.pod === undefined
        ? subjectOfPlace(place, namespace, labels)
        : toSubject(place.pod, namespace, labels);
    return { place, subject, evaluation: evaluate(policy, subject, now) };
  });
}

/** Where the ServiceAccount is not known, only what none at all may name is wrong. No default is foreseen. */
function subjectOfPlace(
  { role, serviceAccount }: RolePlace,
  namespace: string,
  labels: Labels | undefined,
): Subject {
  return buildSubject({ namespace, namespaceLabels: labels, serviceAccount, requestedRole: role });
}

/** What becomes of pods that are only validated: there is no default, and what was to be stripped is refused. */
export function withoutMutation(judged: JudgedPlace): JudgedPlace {
  const { evaluation } = judged;
  switch (evaluation.verdict) {
    case 'allowed':
      return judged;
    case 'no-role':
      return { ...judged, evaluation: { ...evaluation, defaultRole: undefined } };
    case 'violation': {
      const action = evaluation.action === 'Strip' ? 'Deny' : evaluation.action;
      return { ...judged, evaluation: { ...withoutDefault(evaluation), action } };
    }
  }
}

/** Finds the places that are wrong for certain: news of a namespace that has not arrived condemns nobody. */
export function findWrongPlaces(judged: readonly JudgedPlace[]): readonly WrongPlace[] {
  return judged.flatMap(({ place, subject, evaluation }) =>
    evaluation.verdict === 'violation' && evaluation.reason !== 'unknown-namespace'
      ? [{ place, subject, violation: place.pod ? evaluation : withoutDefault(evaluation) }]
      : [],
  );
}

/** Finds the places whose pods name no role and will get one, as far as the lists that select the namespace are known. */
export function findDefaultedPlaces(judged: readonly JudgedPlace[]): readonly DefaultedPlace[] {
  return judged.flatMap(({ place, subject, evaluation }) =>
    evaluation.verdict === 'no-role' && evaluation.defaultRole && subject.namespaceLabels
      ? [{ place, defaultRole: evaluation.defaultRole }]
      : [],
  );
}

function withoutDefault(violation: Violation): Violation {
  return { ...violation, defaultRole: undefined };
}

/** Tells whether the pods of a place will be refused. */
export function isRefused({ violation }: WrongPlace): boolean {
  return violation.action === 'Deny';
}
