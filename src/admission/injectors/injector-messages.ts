import type { Violation } from '../../policy/evaluate.ts';
import { quoted } from '../../policy/printable.ts';
import { toInstant, toWarning, whatToDo, why } from '../messages.ts';
import { ANY_NAMESPACE, type Place } from './injector-reach.ts';
import { type Finding, MAX_FINDINGS } from './judge-injector.ts';
import type { InjectorProblem } from './read-struct.ts';

/** The message of a refusal: which selector, which role, where and why, how many more, and what to do. */
export function injectorDenial(finding: Finding<Violation>, others: readonly Finding[]): string {
  const { entry, place, judgement } = finding;
  const what = `${entry.name} would set RAM role ${quoted(judgement.role)} in ${podsOf(place)}`;
  return `${what}${andMore(finding, others)}, where it is not allowed: ${whyNot(place, judgement)}${whatToDo(judgement)}`;
}

/** The warning of what is admitted all the same, or of a role that is allowed for a time only. */
export function injectorWarning(finding: Finding, others: readonly Finding[]): string {
  const { entry, place, judgement } = finding;
  const what = `${entry.name} sets RAM role ${quoted(judgement.role)} in ${podsOf(place)}`;
  const more = andMore(finding, others);
  if (judgement.verdict === 'allowed') {
    const until = toInstant(judgement.lastToExpire.expiresAt);
    return toWarning(`${what}${more}, where it is allowed until ${until}; it will be set after that too`);
  }
  const before = entry.isOld ? ' (as before this edit)' : '';
  return toWarning(`${what}${more}, where it is not allowed${before}: ${whyNot(place, judgement)}`);
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

function podsOf(place: Place): string {
  return place === ANY_NAMESPACE ? 'pods of any namespace' : `pods of namespace ${quoted(place.namespace)}`;
}

function whyNot(place: Place, violation: Violation): string {
  const isUnlisted = violation.reason === 'no-allowlist' || violation.reason === 'not-allowed';
  return place === ANY_NAMESPACE && isUnlisted
    ? 'with allowlists in files the labels of namespaces are not known, and none allows it in every namespace'
    : why(violation, 'every pod there');
}

/** How many more there are, of the same selector and of others. */
function andMore({ entry }: Finding, others: readonly Finding[]): string {
  const namespaces = others.filter((other) => other.entry === entry).length;
  const selectors = new Set(others.map((other) => other.entry)).size - (namespaces > 0 ? 1 : 0);
  const counted = [
    ...(namespaces > 0 ? [`${namespaces} more ${namespaces === 1 ? 'namespace' : 'namespaces'}`] : []),
    ...(selectors > 0 ? [`${selectors} more ${selectors === 1 ? 'selector' : 'selectors'}`] : []),
  ];
  const least = others.length >= MAX_FINDINGS - 1 ? 'at least ' : '';
  return counted.length === 0 ? '' : ` (and ${least}${counted.join(', ')})`;
}
