import { couldBeAllowed, type Evaluation, type Violation } from '../../policy/evaluate.ts';
import { isSofter } from '../../policy/violation-action.ts';
import {
  type ActiveEnforcementAction,
  type Decision,
  firstNames,
  forbidden,
  NOTHING_TO_DO,
  type Outcome,
} from '../decision.ts';
import { type EvaluatedReference, evaluateReferences, isViolation, type PolicyFacts } from './evaluate.ts';
import { listWarnings, workloadDenialMessage } from './messages.ts';
import type { WorkloadChange } from './read.ts';

type Violating = EvaluatedReference<Violation>;

/** The facts that a workload is decided by. */
export type WorkloadFacts = PolicyFacts & Readonly<{ action: ActiveEnforcementAction }>;

/**
 * Warns of the decisions that the pods of a workload will get. Under `Deny` denies a workload of a built-in kind if the
 * change adds a role that its pods are denied for. Total and pure.
 */
export function decideWorkload(change: WorkloadChange, facts: WorkloadFacts): Decision {
  const evaluated = evaluateReferences(change.after.references, change.namespace, facts);
  const violations = evaluated.filter(isViolation);
  const denied = facts.action === 'Deny' ? findNewlyDenied(violations, change, facts) : undefined;
  // Under Audit the platform team chose that users get no warning.
  const reported = mostSevereFirst(violations.filter(({ evaluation }) => evaluation.action !== 'Audit'));
  const beside = reported.filter(({ evaluation }) => evaluation.role !== denied?.evaluation.role);
  const [first] = evaluated;
  return {
    ...NOTHING_TO_DO,
    ...explain((denied ?? reported[0] ?? violations[0] ?? first)?.evaluation),
    outcome: outcomeOf(denied, reported),
    awaits: violations.some(({ evaluation }) => couldBeAllowed(evaluation)) ? 'permission' : undefined,
    warnings: listWarnings(change, beside, first),
    denial: denied && forbidden(workloadDenialMessage(change.kind, denied.subject, denied.evaluation)),
  };
}

/**
 * Finds the first denied role and ServiceAccount that the old object had not, or had when they were not denied. Both
 * objects are evaluated by the same facts: a workload whose role was revoked can still be scaled and rolled out.
 */
function findNewlyDenied(
  violations: readonly Violating[],
  { namespace, before }: WorkloadChange,
  facts: PolicyFacts,
): Violating | undefined {
  const denied = violations.filter(isDenied);
  if (denied.length === 0) {
    return undefined;
  }
  const old = evaluateReferences(before?.references ?? [], namespace, facts).filter(isViolation);
  const deniedBefore = new Set(old.filter(isDenied).map(toPair));
  return denied.find((violating) => !deniedBefore.has(toPair(violating)));
}

/** A custom kind is never denied: which of its annotations become those of pods is a guess. */
function isDenied({ reference, evaluation }: Violating): boolean {
  return reference.pod !== undefined && evaluation.action === 'Deny';
}

function toPair({ subject, evaluation }: Violating): string {
  return JSON.stringify([evaluation.role, subject.serviceAccount]);
}

function mostSevereFirst(violations: readonly Violating[]): readonly Violating[] {
  return violations.toSorted(
    ({ evaluation: a }, { evaluation: b }) =>
      Number(isSofter(a.action, b.action)) - Number(isSofter(b.action, a.action)),
  );
}

function outcomeOf(denied: Violating | undefined, reported: readonly Violating[]): Outcome {
  if (denied !== undefined) {
    return 'deny';
  }
  return reported.length > 0 ? 'warn' : 'allow';
}

/** The reason of the decision, and the allowlists that it rests on. */
function explain(evaluation: Evaluation | undefined): Pick<Decision, 'reason' | 'role' | 'allowlists'> {
  switch (evaluation?.verdict) {
    case 'allowed': {
      const { role, allowlists } = evaluation;
      return { reason: 'allowed', role, allowlists: firstNames(allowlists) };
    }
    case 'violation': {
      const { reason, role, selection } = evaluation;
      return { reason, role, allowlists: selection.summary.names };
    }
    default: {
      const allowlist = evaluation?.defaultRole?.allowlist;
      return allowlist === undefined
        ? { reason: 'no-role', allowlists: [] }
        : { reason: 'default', allowlists: [allowlist] };
    }
  }
}
