import { type Evaluation, evaluate, type Violation } from '../../policy/evaluate.ts';
import type { Labels } from '../../policy/label-selector.ts';
import type { Policy } from '../../policy/policy.ts';
import { buildSubject, type Subject } from '../../policy/subject.ts';
import { toSubject } from '../pod.ts';
import type { RoleReference } from './find-references.ts';

/** The facts that the pods of a workload are evaluated by; the time is in milliseconds since the epoch. */
export type PolicyFacts = Readonly<{
  policy: Policy;
  now: number;
  /** The labels of the namespace; undefined if the namespace is not known yet. */
  labels: Labels | undefined;
  /** Whether pods are mutated when they are created, and not only validated. */
  isMutated: boolean;
}>;

/** A reference, and what happens to its pods. Those of a violation may still be admitted: its action decides that. */
export type EvaluatedReference<E extends Evaluation = Evaluation> = Readonly<{
  reference: RoleReference;
  subject: Subject;
  evaluation: E;
}>;

/** Evaluates the pods of each reference, by the rules for pods. */
export function evaluateReferences(
  references: readonly RoleReference[],
  namespace: string,
  facts: PolicyFacts,
): readonly EvaluatedReference[] {
  return references.map((reference) => {
    const subject = subjectOf(reference, namespace, facts.labels);
    const evaluation = foresee(evaluate(facts.policy, subject, facts.now), reference, facts);
    return { reference, subject, evaluation };
  });
}

/** In a custom kind, whose ServiceAccount may not be known, a role is a violation only if no ServiceAccount may name it. */
function subjectOf(
  { role, serviceAccount, pod }: RoleReference,
  namespace: string,
  labels: Labels | undefined,
): Subject {
  return pod === undefined
    ? buildSubject({ namespace, namespaceLabels: labels, serviceAccount, requestedRole: role })
    : toSubject(pod, namespace, labels);
}

/**
 * Pods that are not mutated get no default role, and are denied under `Strip`. No default role is foreseen for a custom
 * kind, nor while an allowlist that is not known to select the namespace may set another one.
 */
function foresee(
  evaluation: Evaluation,
  { pod }: RoleReference,
  { isMutated, labels }: PolicyFacts,
): Evaluation {
  const isForeseen = isMutated && pod !== undefined && labels !== undefined;
  if (evaluation.verdict === 'allowed' || isForeseen) {
    return evaluation;
  }
  const withoutDefault = { ...evaluation, defaultRole: undefined };
  return withoutDefault.verdict === 'violation' && withoutDefault.action === 'Strip' && !isMutated
    ? { ...withoutDefault, action: 'Deny' }
    : withoutDefault;
}

/** Tells whether pods may not name their role for certain: while the namespace is not known, an allowlist may still allow it. */
export function isViolation(evaluated: EvaluatedReference): evaluated is EvaluatedReference<Violation> {
  const { evaluation } = evaluated;
  return evaluation.verdict === 'violation' && evaluation.reason !== 'unknown-namespace';
}
