import type { CompiledAllowlist } from '../../policy/allowlist.ts';
import type { Allowed, Evaluation, Violation } from '../../policy/evaluate.ts';
import { ANY_NAMESPACE, type Place } from './injector-reach.ts';
import type { InjectorEntry } from './parse-injector.ts';

/** The role is allowed, but for a time only, after which the injector goes on. */
export type Expiring = Allowed & Readonly<{ lastToExpire: CompiledAllowlist }>;

/** An entry that sets a role where not every pod may have it for good. */
export type Finding<Judgement extends Violation | Expiring = Violation | Expiring> = Readonly<{
  entry: InjectorEntry;
  place: Place;
  judgement: Judgement;
}>;

/** An entry that acts on no namespace that there is. */
export type Unreached = Readonly<{ entry: InjectorEntry; role: string }>;

/** What was found, in the order of the entries and then of the namespaces. */
export type Findings = Readonly<{
  /** Where a pod that names the role is refused or loses it. */
  refusals: readonly Finding<Violation>[];
  /** Where it is admitted all the same, or where the entry stood there before. */
  tolerated: readonly Finding<Violation>[];
  /** Where it is allowed for a time only. */
  expiring: readonly Finding<Expiring>[];
  /** Those that are new with this edit. */
  unreached: readonly Unreached[];
}>;

/** So many of each are looked for; a message tells the first, and how many more. */
export const MAX_FINDINGS = 100;

/** Sorts what is found of entries and places as it comes. */
export function collectFindings(entries: readonly InjectorEntry[]) {
  const refusals: Finding<Violation>[] = [];
  const tolerated: Finding<Violation>[] = [];
  const expiring: Finding<Expiring>[] = [];
  return {
    add: (entry: InjectorEntry, place: Place, evaluation: Evaluation) => {
      if (evaluation.verdict === 'violation') {
        const kind = isRefused(entry, place, evaluation) ? refusals : tolerated;
        addTo(kind, { entry, place, judgement: evaluation });
      } else if (isExpiring(evaluation)) {
        addTo(expiring, { entry, place, judgement: evaluation });
      }
    },
    isFull: () => refusals.length === MAX_FINDINGS,
    finish: (unreached: readonly Unreached[]): Findings => {
      const ranks = new Map(entries.map((entry, index) => [entry, index]));
      return {
        refusals: inOrder(refusals, ranks),
        tolerated: inOrder(tolerated, ranks),
        expiring: inOrder(expiring, ranks),
        unreached,
      };
    },
  };
}

/** Tells whether pods that name the role are refused or lose it. */
export function isRefusal({ action }: Violation): boolean {
  return action === 'Deny' || action === 'Strip';
}

/**
 * Where a violation is only warned of or audited, whoever creates a pod may name the role anyway; not so where the
 * namespace is not known: another list may deny in it. What stood there before is not refused, so that one bad entry of
 * two can be mended.
 */
function isRefused({ isOld }: InjectorEntry, place: Place, violation: Violation): boolean {
  return !isOld && (place === ANY_NAMESPACE || isRefusal(violation));
}

function isExpiring(evaluation: Evaluation): evaluation is Expiring {
  return evaluation.verdict === 'allowed' && evaluation.lastToExpire !== undefined;
}

function addTo<Some>(findings: Some[], finding: Some): void {
  if (findings.length < MAX_FINDINGS) {
    findings.push(finding);
  }
}

/** Within an entry the namespaces are in order already. */
function inOrder<Some extends Finding>(
  findings: readonly Some[],
  ranks: ReadonlyMap<InjectorEntry, number>,
): readonly Some[] {
  return findings.toSorted((a, b) => Number(ranks.get(a.entry)) - Number(ranks.get(b.entry)));
}
