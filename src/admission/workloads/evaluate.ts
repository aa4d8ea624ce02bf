import type { DefaultRole } from '../../policy/default-role.ts';
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

/** A reference, and how its pods will be decided. */
export type EvaluatedReference = Readonly<{
  reference: RoleReference;
  subject: Subject;
  evaluation: Evaluation;
}>;

/** A reference to a role that its pods may not name. What happens to them depends on the violation's action. */
export type ViolatingReference = Readonly<{
  reference: RoleReference;
  subject: Subject;
  violation: Violation;
}>;

/** A reference whose pods name no role and will get one. */
export type DefaultedReference = Readonly<{ reference: RoleReference; defaultRole: DefaultRole }>;

/** Evaluates the pods of each reference, by the rules for pods. */
export function evaluateReferences(
  references: readonly RoleReference[],
  namespace: string,
  facts: PolicyFacts,
): readonly EvaluatedReference[] {
  return references.map((reference) => {
    const subject = subjectOf(reference, namespace, facts.labels);
    const evaluation = evaluate(facts.policy, subject, facts.now);
    return { reference, subject, evaluation: foresee(evaluation, reference, facts.isMutated) };
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

/** Pods that are not mutated get no default role, and are denied under `Strip`. No default is foreseen for a custom kind. */
function foresee(evaluation: Evaluation, { pod }: RoleReference, isMutated: boolean): Evaluation {
  if (evaluation.verdict === 'allowed' || (isMutated && pod !== undefined)) {
    return evaluation;
  }
  const withoutDefault = { ...evaluation, defaultRole: undefined };
  return withoutDefault.verdict === 'violation' && withoutDefault.action === 'Strip' && !isMutated
    ? { ...withoutDefault, action: 'Deny' }
    : withoutDefault;
}

/** Finds the violations that are certain: while the namespace is not known, an allowlist may still allow the role. */
export function findViolations(evaluated: readonly EvaluatedReference[]): readonly ViolatingReference[] {
  return evaluated.flatMap(({ reference, subject, evaluation }) =>
    evaluation.verdict === 'violation' && evaluation.reason !== 'unknown-namespace'
      ? [{ reference, subject, violation: evaluation }]
      : [],
  );
}

/** Finds the references whose pods name no role and will get one, if all allowlists that select the namespace are known. */
export function findDefaulted(evaluated: readonly EvaluatedReference[]): readonly DefaultedReference[] {
  return evaluated.flatMap(({ reference, subject, evaluation }) =>
    evaluation.verdict === 'no-role' && evaluation.defaultRole && subject.namespaceLabels
      ? [{ reference, defaultRole: evaluation.defaultRole }]
      : [],
  );
}
