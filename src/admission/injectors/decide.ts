import { couldBeAllowed } from '../../policy/evaluate.ts';
import type { Problem } from '../../text/problem.ts';
import {
  type ActiveEnforcementAction,
  auditOfRole,
  badRequest,
  type Decision,
  forbidden,
  NOTHING_TO_DO,
} from '../decision.ts';
import { evaluateEntries, type PolicyFacts } from './evaluate.ts';
import type { Finding } from './finding.ts';
import { findingDenial, findingWarning, unreadableDenial, unreadableWarning } from './messages.ts';
import type { InjectorEntry, RoleEntry } from './read.ts';

/** What an edit of an injector is decided by. */
export type InjectorFacts = PolicyFacts & Readonly<{ action: ActiveEnforcementAction }>;

/** The API server passes on 4096 bytes of all warnings together, and nobody reads more. */
const MAX_REPORTED = 5;

/** Decides an edit of an injector by its entries that set a role or cannot be read. */
export function decideInjector(entries: readonly InjectorEntry[], facts: InjectorFacts): Decision {
  const [newProblem, ...others] = problemsOf(entries.filter(({ isUnchanged }) => !isUnchanged));
  if (newProblem !== undefined && facts.action === 'Deny') {
    const denial = badRequest(unreadableDenial(newProblem, others.length));
    return { ...NOTHING_TO_DO, outcome: 'deny', reason: 'malformed', denial };
  }

  const roles = entries.flatMap(({ injection, ...entry }): RoleEntry[] =>
    injection.ok ? [{ ...entry, injection: injection.value }] : [],
  );
  const findings = evaluateEntries(roles, facts);
  const denied = findings.filter(({ kind }) => kind === 'denied' || kind === 'unchecked');
  const [first] = denied;
  if (first !== undefined && facts.action === 'Deny') {
    const denial = forbidden(findingDenial(first, denied.length - 1));
    return { ...aboutRole('deny', first), denial, awaits: awaitedFor(first) };
  }

  const [problem, ...otherProblems] = problemsOf(entries);
  const wrong = [...denied, ...ofKind(findings, 'tolerated')];
  const warnings = [
    ...(problem === undefined ? [] : [unreadableWarning(problem, otherProblems.length)]),
    ...warningsOf(wrong, MAX_REPORTED),
    ...warningsOf(ofKind(findings, 'expiring'), MAX_REPORTED),
    ...warningsOf(ofKind(findings, 'unmatched'), 1),
  ];
  const [gravest] = wrong;
  if (gravest !== undefined) {
    return { ...aboutRole('warn', gravest), warnings };
  }
  if (problem !== undefined) {
    return { ...NOTHING_TO_DO, outcome: 'warn', reason: 'malformed', warnings };
  }
  const role = roles[0]?.injection.role;
  return role === undefined
    ? { ...NOTHING_TO_DO, outcome: 'allow', reason: 'no-role', warnings }
    : {
        ...NOTHING_TO_DO,
        ...{ outcome: 'allow', reason: 'allowed', role, warnings },
        auditAnnotations: auditOfRole('allow', role, []),
      };
}

function awaitedFor(finding: Finding): Decision['awaits'] {
  return 'violation' in finding && couldBeAllowed(finding.violation) ? 'permission' : undefined;
}

function problemsOf(entries: readonly InjectorEntry[]): readonly Problem[] {
  return entries.flatMap(({ injection }) => (injection.ok ? [] : [injection.problem]));
}

function ofKind(findings: readonly Finding[], wanted: Finding['kind']): readonly Finding[] {
  return findings.filter(({ kind }) => kind === wanted);
}

/** Warns of the first findings, and in the last warning of how many more there are. */
function warningsOf(findings: readonly Finding[], max: number): readonly string[] {
  const reported = findings.slice(0, max);
  const more = findings.length - reported.length;
  return reported.map((finding, index) => findingWarning(finding, index === reported.length - 1 ? more : 0));
}

function aboutRole(outcome: 'deny' | 'warn', finding: Finding): Decision {
  const { role } = finding.entry.injection;
  const violation = 'violation' in finding ? finding.violation : undefined;
  const allowlists = violation?.selection.summary.names ?? [];
  return {
    ...NOTHING_TO_DO,
    outcome,
    reason: violation?.reason ?? 'not-allowed',
    role,
    allowlists,
    auditAnnotations: auditOfRole(outcome, role, allowlists),
  };
}
