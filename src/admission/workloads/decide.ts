import { isSofter } from '../../policy/violation-action.ts';
import {
  type ActiveEnforcementAction,
  type Decision,
  forbidden,
  NOTHING_TO_DO,
  type Outcome,
  sortedNames,
} from '../decision.ts';
import {
  type DefaultedReference,
  type EvaluatedReference,
  evaluateReferences,
  findDefaulted,
  findViolations,
  type PolicyFacts,
  type ViolatingReference,
} from './evaluate.ts';
import { listWarnings, targetOf, workloadDenialMessage } from './messages.ts';
import type { WorkloadChange } from './read.ts';

/** The facts that a workload is decided by. */
export type WorkloadFacts = PolicyFacts & Readonly<{ action: ActiveEnforcementAction }>;

/**
 * Warns of the decisions that the pods of a workload will get. Under `Deny` denies a workload of a built-in kind if the
 * change adds a role that its pods are denied for. Total and pure.
 */
export function decideWorkload(change: WorkloadChange, facts: WorkloadFacts): Decision {
  const evaluated = evaluateReferences(change.after.references, change.namespace, facts);
  const violations = findViolations(evaluated);
  const denied = facts.action === 'Deny' ? findNewlyDenied(violations, change, facts) : undefined;
  // Under Audit the platform team chose that users get no warning.
  const reported = mostSevereFirst(violations.filter(({ violation }) => violation.action !== 'Audit'));
  const beside = reported.filter(({ violation }) => violation.role !== denied?.violation.role);
  const defaulted = findDefaulted(evaluated);

  return {
    ...NOTHING_TO_DO,
    ...explain(denied ?? reported[0] ?? violations[0], defaulted[0], evaluated[0]),
    outcome: outcomeOf(denied, reported),
    warnings: listWarnings(change, beside, defaulted),
    denial:
      denied &&
      forbidden(workloadDenialMessage(targetOf(change, denied.reference), denied.subject, denied.violation)),
  };
}

/**
 * Finds the first denied role and ServiceAccount that the old object had not, or had when they were not denied. Both
 * objects are evaluated by the same facts: a workload whose role was revoked can still be scaled and rolled out.
 */
function findNewlyDenied(
  violations: readonly ViolatingReference[],
  { namespace, before }: WorkloadChange,
  facts: PolicyFacts,
): ViolatingReference | undefined {
  const denied = violations.filter(isDenied);
  if (denied.length === 0) {
    return undefined;
  }
  const old = findViolations(evaluateReferences(before?.references ?? [], namespace, facts));
  const deniedBefore = new Set(old.filter(isDenied).map(toPair));
  return denied.find((violating) => !deniedBefore.has(toPair(violating)));
}

/** A custom kind is never denied: which of its annotations become those of pods is a guess. */
function isDenied({ reference, violation }: ViolatingReference): boolean {
  return reference.pod !== undefined && violation.action === 'Deny';
}

function toPair({ subject, violation }: ViolatingReference): string {
  return JSON.stringify([violation.role, subject.serviceAccount]);
}

function mostSevereFirst(violations: readonly ViolatingReference[]): readonly ViolatingReference[] {
  return violations.toSorted(
    ({ violation: a }, { violation: b }) =>
      Number(isSofter(a.action, b.action)) - Number(isSofter(b.action, a.action)),
  );
}

function outcomeOf(denied: ViolatingReference | undefined, reported: readonly ViolatingReference[]): Outcome {
  if (denied !== undefined) {
    return 'deny';
  }
  return reported.length > 0 ? 'warn' : 'allow';
}

/** The reason of the decision and the allowlists that it rests on: those of a violation before those of a default. */
function explain(
  violating: ViolatingReference | undefined,
  defaulted: DefaultedReference | undefined,
  first: EvaluatedReference | undefined,
): Pick<Decision, 'reason' | 'role' | 'allowlists'> {
  if (violating === undefined && defaulted !== undefined) {
    return { reason: 'default', allowlists: [defaulted.defaultRole.allowlist] };
  }
  const evaluation = violating?.violation ?? first?.evaluation;
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
