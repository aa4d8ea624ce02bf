import type { CompiledAllowlist } from '../../policy/compiled-allowlist.ts';
import { type Allowed, type Evaluation, evaluate, type Violation } from '../../policy/evaluate.ts';
import type { Policy } from '../../policy/policy.ts';
import { ANY_NAMESPACE, type Place, type Reach } from './injector-reach.ts';
import type { InjectorEntry } from './parse-injector.ts';

/** The role is allowed, but for a time only, after which the injector goes on. */
export type Expiring = Allowed & Readonly<{ lastToExpire: CompiledAllowlist }>;

/** An entry that sets a role where not every pod may have it for good. */
export type Finding<Judgement extends Violation | Expiring = Violation | Expiring> = Readonly<{
  entry: InjectorEntry;
  place: Place;
  judgement: Judgement;
}>;

/** What was found, in the order of the entries and then of the namespaces. */
export type Findings = Readonly<{
  /** Where a pod that names the role is refused or loses it. */
  refusals: readonly Finding<Violation>[];
  /** Where it is admitted all the same, or allowed for a time only, or where the entry stood there before. */
  warnings: readonly Finding[];
}>;

/** So many of each are looked for; a message tells the first, and how many more. */
export const MAX_FINDINGS = 100;

/** For so many groups of namespaces evaluations are remembered, a few for each role. */
const MAX_REMEMBERED = 256;

/**
 * Judges the roles that entries set, at a time in milliseconds since the epoch. A generator, which yields after each
 * namespace, for there may be tens of thousands of them and other requests have to be answered in between.
 */
export function* judgeInjector(
  policy: Policy,
  entries: readonly InjectorEntry[],
  { places, reaches }: Reach,
  now: number,
): Generator<undefined, Findings> {
  const refusals: Finding<Violation>[] = [];
  const warnings: Finding[] = [];
  const evaluationsIn = rememberEvaluations(policy, now);
  for (const place of places) {
    const evaluationOf = evaluationsIn(place);
    for (const entry of entries) {
      if (entry.injection === undefined || !reaches(entry, place)) {
        continue;
      }
      const evaluation = evaluationOf(entry.injection.role);
      if (evaluation.verdict === 'violation' && isRefused(entry, place, evaluation)) {
        refusals.push({ entry, place, judgement: evaluation });
      } else if (isWarnedOf(evaluation) && warnings.length < MAX_FINDINGS) {
        warnings.push({ entry, place, judgement: evaluation });
      }
      if (refusals.length === MAX_FINDINGS) {
        return { refusals: inOrder(refusals, entries), warnings: inOrder(warnings, entries) };
      }
    }
    yield;
  }
  return { refusals: inOrder(refusals, entries), warnings: inOrder(warnings, entries) };
}

/** What is allowed in a namespace depends on the lists that select it, which are the same ones for most namespaces. */
function rememberEvaluations(policy: Policy, now: number): (place: Place) => (role: string) => Evaluation {
  const byLists = new Map<string, Map<string, Evaluation>>();
  return (place) => {
    const { ranked } = policy.select(place.namespace, place.labels);
    const lists = ranked.map(({ allowlist }) => allowlist.name).join();
    const byRole = byLists.get(lists) ?? new Map<string, Evaluation>();
    if (byLists.size >= MAX_REMEMBERED) {
      byLists.clear();
    }
    byLists.set(lists, byRole);
    return (role) => {
      const evaluation = byRole.get(role) ?? evaluateForEveryPod(policy, place, role, now);
      byRole.set(role, evaluation);
      return evaluation;
    };
  };
}

/**
 * The role of a pod is evaluated for its ServiceAccount, but an injector does not ask for that. So it is evaluated for
 * one without a name, which no list covers but those that cover all.
 */
function evaluateForEveryPod(policy: Policy, place: Place, role: string, now: number): Evaluation {
  const subject = {
    namespace: place.namespace,
    namespaceLabels: place.labels,
    serviceAccount: '',
    requestedRole: role,
    hasEciMarker: false,
    isMirrorPod: false,
  };
  return evaluate(policy, subject, now);
}

/**
 * Where a violation is only warned of or audited, whoever creates a pod may name the role anyway; not so where the
 * namespace is not known: another list may deny in it. What stood there before is not refused, so that one bad entry of
 * two can be mended.
 */
function isRefused({ isOld }: InjectorEntry, place: Place, { action }: Violation): boolean {
  return !isOld && (place === ANY_NAMESPACE || action === 'Deny' || action === 'Strip');
}

function isWarnedOf(evaluation: Evaluation): evaluation is Violation | Expiring {
  return (
    evaluation.verdict === 'violation' ||
    (evaluation.verdict === 'allowed' && evaluation.lastToExpire !== undefined)
  );
}

/** Within an entry the namespaces are in order already. */
function inOrder<Some extends Finding>(
  findings: readonly Some[],
  entries: readonly InjectorEntry[],
): readonly Some[] {
  const rank = new Map(entries.map((entry, index) => [entry, index]));
  return findings.toSorted((a, b) => Number(rank.get(a.entry)) - Number(rank.get(b.entry)));
}
