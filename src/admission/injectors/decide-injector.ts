import type { Violation } from '../../policy/evaluate.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import {
  type ActiveEnforcementAction,
  auditOfRole,
  badRequest,
  type Decision,
  forbidden,
  NOTHING_TO_DO,
  sortedNames,
} from '../decision.ts';
import { type Finding, type Findings, MAX_FINDINGS } from './injector-findings.ts';
import {
  expiringInjectorWarning,
  injectorDenial,
  injectorWarning,
  unreachedInjectorWarning,
  unreadableDenial,
  unreadableWarning,
} from './injector-messages.ts';
import { findReach } from './injector-reach.ts';
import { judgeInjector } from './judge-injector.ts';
import type { InjectorEntry } from './parse-injector.ts';
import type { InjectorProblem } from './read-struct.ts';

/** What an edit of an injector is decided by. */
export type InjectorFacts = Readonly<{
  action: ActiveEnforcementAction;
  policy: Policy;
  /** The namespaces that there are; undefined where they are not known. */
  namespaces: ReadonlyMap<string, Labels> | undefined;
  /** Namespaces whose pods may name any role. */
  excludedNamespaces: readonly string[];
}>;

/** The API server passes on 4096 bytes of all warnings together, and nobody reads more. */
const MAX_TOLD = 5;

/**
 * Decides an edit of an injector, by the entries of it that set a role, at a time in milliseconds since the epoch. It
 * yields where other requests may be answered; between two yields nothing that it rests on is read anew.
 */
export function* decideInjector(
  entries: readonly InjectorEntry[],
  { action, policy, namespaces, excludedNamespaces }: InjectorFacts,
  now: number,
): Generator<undefined, Decision> {
  const unread = problemsOf(entries, ({ isOld }) => action === 'Deny' && !isOld);
  const [problem, ...otherProblems] = unread;
  if (problem !== undefined) {
    const denial = badRequest(unreadableDenial(problem, otherProblems.length));
    return { ...NOTHING_TO_DO, outcome: 'deny', reason: 'malformed', denial };
  }

  const reach = findReach(entries, namespaces, excludedNamespaces);
  const findings = yield* judgeInjector(policy, entries, reach, now);
  const [refused, ...others] = findings.refusals;
  if (refused !== undefined && action === 'Deny') {
    const denial = forbidden(injectorDenial(refused, others, areAll(findings.refusals)));
    return { ...aboutRole('deny', refused.judgement), denial };
  }
  return admit(
    entries,
    findings,
    problemsOf(entries, () => true),
  );
}

function problemsOf(
  entries: readonly InjectorEntry[],
  counts: (entry: InjectorEntry) => boolean,
): readonly InjectorProblem[] {
  return entries.flatMap((entry) => (entry.problem !== undefined && counts(entry) ? [entry.problem] : []));
}

function admit(
  entries: readonly InjectorEntry[],
  { refusals, tolerated, expiring, unreached }: Findings,
  problems: readonly InjectorProblem[],
): Decision {
  const wrongs = [...refusals, ...tolerated];
  const [wrong] = wrongs;
  const warnings = [
    ...tellFirst(problems, (problem, others) => unreadableWarning(problem, others.length)),
    ...tellByEntry(wrongs, injectorWarning),
    ...tellByEntry(expiring, expiringInjectorWarning),
    ...tellFirst(unreached, unreachedInjectorWarning),
  ];
  if (wrong !== undefined) {
    return { ...aboutRole('warn', wrong.judgement), warnings };
  }
  if (problems.length > 0) {
    return { ...NOTHING_TO_DO, outcome: 'warn', reason: 'malformed', warnings };
  }
  const role = entries[0]?.injection?.role;
  return {
    ...NOTHING_TO_DO,
    outcome: 'allow',
    reason: role === undefined ? 'no-role' : 'allowed',
    role,
    warnings,
    auditAnnotations: role === undefined ? {} : auditOfRole('allow', role, []),
  };
}

/** Tells the first finding of each entry, as far as there is room, and with the last of them how many more there are. */
function tellByEntry<Found extends Finding>(
  findings: readonly Found[],
  tell: (first: Found, others: readonly Found[], areAll: boolean) => string,
): readonly string[] {
  const byEntry = [...Map.groupBy(findings, ({ entry }) => entry).values()];
  const untold = byEntry.slice(MAX_TOLD).flat();
  return byEntry
    .slice(0, MAX_TOLD)
    .flatMap((ofEntry, index) =>
      tellFirst(ofEntry, (first, others) =>
        tell(first, index === MAX_TOLD - 1 ? [...others, ...untold] : others, areAll(findings)),
      ),
    );
}

function areAll(findings: readonly Finding[]): boolean {
  return findings.length < MAX_FINDINGS;
}

function tellFirst<Found>(
  [first, ...others]: readonly Found[],
  tell: (first: Found, others: readonly Found[]) => string,
): readonly string[] {
  return first === undefined ? [] : [tell(first, others)];
}

function aboutRole(outcome: 'deny' | 'warn', { role, reason, selecting }: Violation): Decision {
  const allowlists = sortedNames(selecting);
  return {
    ...NOTHING_TO_DO,
    outcome,
    reason,
    role,
    allowlists,
    auditAnnotations: auditOfRole(outcome, role, allowlists),
  };
}
