import { type Evaluation, evaluate, type Violation } from '../../policy/evaluate.ts';
import type { Policy } from '../../policy/policy.ts';
import { buildSubject } from '../../policy/subject.ts';
import { collectFindings, type Findings, isRefusal } from './injector-findings.ts';
import { EVERY_NAMESPACE, type Place, type Reach } from './injector-reach.ts';
import type { InjectorEntry } from './parse-injector.ts';

/** For so many groups of namespaces evaluations are remembered, a few for each role. */
const MAX_REMEMBERED = 256;

/** Of so many, not even those of roles that are all new take long. */
const ENTRIES_AT_ONCE = 16;

/**
 * Judges the roles that entries set, at a time in milliseconds since the epoch. A generator, which yields again and again,
 * for there may be thousands of entries and tens of thousands of namespaces, and other requests have to be answered in
 * between.
 */
export function* judgeInjector(
  policy: Policy,
  entries: readonly InjectorEntry[],
  { places, reaches }: Reach,
  now: number,
): Generator<undefined, Findings> {
  const findings = collectFindings(entries);
  const byPlace = new Map<InjectorEntry, string>();
  for (const entry of entries) {
    if (entry.injection === undefined) {
      continue;
    }
    const { role } = entry.injection;
    const evaluation = evaluateForEveryPod(policy, EVERY_NAMESPACE, role, now);
    if (isWrongEverywhere(evaluation)) {
      findings.add(entry, EVERY_NAMESPACE, evaluation);
    } else {
      byPlace.set(entry, role);
    }
    yield;
  }

  const unreached = new Map([...byPlace].filter(([{ isOld }]) => !isOld));
  const evaluationsIn = rememberEvaluations(policy, now);
  for (const place of places) {
    if (findings.isFull()) {
      break;
    }
    const evaluationOf = evaluationsIn(place);
    let judged = 0;
    for (const [entry, role] of byPlace) {
      if (reaches(entry, place)) {
        unreached.delete(entry);
        if (!place.isExcluded) {
          findings.add(entry, place, evaluationOf(role));
        }
      }
      judged += 1;
      if (judged % ENTRIES_AT_ONCE === 0) {
        yield;
      }
    }
    yield;
  }
  // Where the search was cut short nobody knows what the rest reaches.
  return findings.finish(findings.isFull() ? [] : [...unreached].map(([entry, role]) => ({ entry, role })));
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
  const subject = buildSubject({
    namespace: place.namespace,
    namespaceLabels: place.labels,
    serviceAccount: '',
    requestedRole: role,
  });
  return evaluate(policy, subject, now);
}

/**
 * A protected role, and what no role is called, unless namespaces may have that admitted: no namespace allows it, so
 * that where such an entry reaches today makes no difference.
 */
function isWrongEverywhere(evaluation: Evaluation): evaluation is Violation {
  return (
    evaluation.verdict === 'violation' &&
    (evaluation.reason === 'protected' || evaluation.reason === 'invalid-name') &&
    isRefusal(evaluation)
  );
}
