import type { Violation } from '../../policy/evaluate.ts';
import { quoted } from '../../text/printable.ts';
import { hintOf, toInstant, toWarning, whatToDo, why } from '../messages.ts';
import type { Expiring, Finding, Unreached } from './injector-findings.ts';
import { ANY_NAMESPACE, EVERY_NAMESPACE, type Place } from './injector-reach.ts';
import type { InjectorProblem } from './read-struct.ts';

/** The message of a refusal: which selector, which role, where and why, how many more, and what to do. */
export function injectorDenial(
  finding: Finding<Violation>,
  others: readonly Finding<Violation>[],
  areAll: boolean,
): string {
  const { place, judgement } = finding;
  const advice =
    place === EVERY_NAMESPACE
      ? `${hintOf(judgement)}; take it out, or name another role`
      : whatToDo(judgement);
  return `${describe(finding, andMore(finding, others, areAll), 'would set')}, ${notAllowedIn(place)}: ${whyNot(place, judgement)}${advice}`;
}

/** The warning of what is admitted all the same. */
export function injectorWarning(
  finding: Finding<Violation>,
  others: readonly Finding<Violation>[],
  areAll: boolean,
): string {
  const { entry, place, judgement } = finding;
  const before = entry.isOld ? ' (as before this edit)' : '';
  return toWarning(
    `${describe(finding, andMore(finding, others, areAll), 'sets')}, ${notAllowedIn(place)}${before}: ${whyNot(place, judgement)}${hintOf(judgement)}`,
  );
}

/** The warning of a role that is allowed for a time only. */
export function expiringInjectorWarning(
  finding: Finding<Expiring>,
  others: readonly Finding<Expiring>[],
  areAll: boolean,
): string {
  const until = toInstant(finding.judgement.lastToExpire.expiresAt);
  return toWarning(
    `${describe(finding, andMore(finding, others, areAll), 'sets')}, where it is allowed until ${until}; it will be set after that too`,
  );
}

/** The warning of what acts on no namespace yet. */
export function unreachedInjectorWarning({ entry, role }: Unreached, others: readonly Unreached[]): string {
  const more = inBrackets(countOf(others.length, 'more selector'));
  return toWarning(
    `${entry.name} reaches no namespace today${more}: one that it comes to match gets RAM role ${quoted(role)}, allowed there or not`,
  );
}

/** The message of a refusal of what cannot be read. */
export function unreadableDenial(problem: InjectorProblem, othersCount: number): string {
  return `${describeProblem(problem, othersCount)}; what cannot be read might set any RAM role, so mend it or leave it out`;
}

/** The warning of what cannot be read. */
export function unreadableWarning(problem: InjectorProblem, othersCount: number): string {
  return toWarning(`${describeProblem(problem, othersCount)}; it might set any RAM role`);
}

function describeProblem({ path, expected, found }: InjectorProblem, othersCount: number): string {
  const more = othersCount === 0 ? '' : ` (and ${othersCount} more like it)`;
  return `${path}: expected ${expected}, found ${found}${more}`;
}

function describe({ entry, place, judgement }: Finding, more: string, sets: 'sets' | 'would set'): string {
  return `${entry.name} ${sets} RAM role ${quoted(judgement.role)}${inPodsOf(place)}${more}`;
}

function inPodsOf(place: Place): string {
  switch (place) {
    case EVERY_NAMESPACE:
      return '';
    case ANY_NAMESPACE:
      return ' in pods of any namespace';
    default:
      return ` in pods of namespace ${quoted(place.namespace)}${place.isMissing ? ', not there today' : ''}`;
  }
}

function notAllowedIn(place: Place): string {
  return place === EVERY_NAMESPACE ? 'which no namespace may have' : 'where it is not allowed';
}

function whyNot(place: Place, violation: Violation): string {
  const isUnlisted = violation.reason === 'no-allowlist' || violation.reason === 'not-allowed';
  return place === ANY_NAMESPACE && isUnlisted
    ? 'with allowlists in files, one of them must allow it in every namespace'
    : why(violation, 'every pod there');
}

/** How many more there are, of the same selector and of others. */
function andMore({ entry }: Finding, others: readonly Finding[], areAll: boolean): string {
  const namespaces = others.filter((other) => other.entry === entry).length;
  const selectors = new Set(others.map((other) => other.entry)).size - (namespaces > 0 ? 1 : 0);
  return inBrackets(
    [...countOf(namespaces, 'more namespace'), ...countOf(selectors, 'more selector')],
    !areAll,
  );
}

function countOf(count: number, noun: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`];
}

function inBrackets(counted: readonly string[], isLeast = false): string {
  return counted.length === 0 ? '' : ` (and ${isLeast ? 'at least ' : ''}${counted.join(', ')})`;
}
