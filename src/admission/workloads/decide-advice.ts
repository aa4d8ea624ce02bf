import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { isSofter } from '../../policy/violation-action.ts';
import {
  type ActiveEnforcementAction,
  type Decision,
  forbidden,
  NOTHING_TO_DO,
  type Outcome,
  sortedNames,
} from '../decision.ts';
import { workloadDenialMessage } from './advice-messages.ts';
import { listWarnings, whoseOf } from './advice-warnings.ts';
import { findNewlyRefused } from './find-newly-refused.ts';
import {
  type DefaultedPlace,
  findDefaultedPlaces,
  findWrongPlaces,
  isRefused,
  type JudgedPlace,
  judgePlaces,
  type WrongPlace,
  withoutMutation,
} from './judge-places.ts';
import type { RolePlace } from './role-place.ts';
import type { WorkloadChange } from './workload-change.ts';

/** What advice rests on beside the workload; the time is in milliseconds since the epoch. */
export type AdviceBasis = Readonly<{
  policy: Policy;
  action: ActiveEnforcementAction;
  /** Whether pods are mutated at their creation, and not only validated. */
  isMutated: boolean;
  now: number;
  /** The labels of the namespace; undefined if the namespace is not known yet. */
  labels: Labels | undefined;
}>;

/**
 * Says what will become of the pods of a workload, before there are any. Under `Deny` what the change itself made wrong
 * is refused; what was wrong before is told and passes, so that a workload whose role was revoked can still be scaled,
 * rolled out and deleted. Total and pure.
 */
export function decideAdvice(change: WorkloadChange, basis: AdviceBasis): Decision {
  const judged = judge(change.after.places, change, basis);
  const wrong = findWrongPlaces(judged);
  const refused = basis.action === 'Deny' ? findRefused(wrong, change, basis) : undefined;
  // Audit is the platform team's choice that nobody hears of a violation.
  const told = gravestFirst(wrong.filter(({ violation }) => violation.action !== 'Audit'));
  const beside = told.filter(({ violation }) => violation.role !== refused?.violation.role);
  const defaulted = change.after.isCustom ? [] : findDefaultedPlaces(judged);

  return {
    ...NOTHING_TO_DO,
    ...explain(refused ?? told[0] ?? wrong[0], defaulted[0], judged[0]),
    outcome: outcomeOf(refused, told),
    warnings: listWarnings(change, beside, defaulted),
    denial:
      refused &&
      forbidden(workloadDenialMessage(whoseOf(change, refused.place), refused.subject, refused.violation)),
  };
}

function judge(
  places: readonly RolePlace[],
  { namespace }: WorkloadChange,
  { policy, now, isMutated, labels }: AdviceBasis,
): readonly JudgedPlace[] {
  const judged = judgePlaces(places, policy, { namespace, labels, now });
  return isMutated ? judged : judged.map(withoutMutation);
}

function findRefused(
  wrong: readonly WrongPlace[],
  change: WorkloadChange,
  basis: AdviceBasis,
): WrongPlace | undefined {
  // Whatever was not read of it may have been as wrong.
  if (change.before?.isCut) {
    return undefined;
  }
  const wasRefused = (place: RolePlace) => findWrongPlaces(judge([place], change, basis)).some(isRefused);
  return findNewlyRefused(wrong, change.before?.places ?? [], wasRefused);
}

function gravestFirst(wrong: readonly WrongPlace[]): readonly WrongPlace[] {
  return wrong.toSorted(
    ({ violation: a }, { violation: b }) =>
      Number(isSofter(a.action, b.action)) - Number(isSofter(b.action, a.action)),
  );
}

function outcomeOf(refused: WrongPlace | undefined, told: readonly WrongPlace[]): Outcome {
  if (refused !== undefined) {
    return 'deny';
  }
  return told.length > 0 ? 'warn' : 'allow';
}

/** The reason in one word, and what it rests on: of what is worth most telling the first. */
function explain(
  wrong: WrongPlace | undefined,
  defaulted: DefaultedPlace | undefined,
  first: JudgedPlace | undefined,
): Pick<Decision, 'reason' | 'role' | 'allowlists'> {
  if (wrong === undefined && defaulted !== undefined) {
    return { reason: 'default', allowlists: [defaulted.defaultRole.allowlist] };
  }
  const evaluation = wrong?.violation ?? first?.evaluation;
  switch (evaluation?.verdict) {
    case 'allowed': {
      const { role, allowlists } = evaluation;
      return { reason: 'allowed', role, allowlists: sortedNames(allowlists) };
    }
    case 'violation': {
      const { reason, role, selecting } = evaluation;
      return { reason, role, allowlists: sortedNames(selecting) };
    }
    default:
      return { reason: 'no-role', allowlists: [] };
  }
}
