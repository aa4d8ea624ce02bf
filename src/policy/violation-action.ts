/** The actions on a pod whose role no allowlist allows, the strictest first. */
export const VIOLATION_ACTIONS = ['Deny', 'Strip', 'Warn', 'Audit'] as const;

/**
 * `Deny` denies the pod, `Strip` removes the annotation, `Warn` and `Audit` admit it with a warning or an audit
 * annotation.
 */
export type ViolationAction = (typeof VIOLATION_ACTIONS)[number];

/** The strictest of some actions. An array, because there may be more of them than a call takes arguments. */
export function strictest(first: ViolationAction, others: readonly ViolationAction[]): ViolationAction {
  return others.reduce(
    (strictest, action) =>
      VIOLATION_ACTIONS.indexOf(action) < VIOLATION_ACTIONS.indexOf(strictest) ? action : strictest,
    first,
  );
}

/** Whether an action is less strict than another. */
export function isSofter(action: ViolationAction, than: ViolationAction): boolean {
  return VIOLATION_ACTIONS.indexOf(action) > VIOLATION_ACTIONS.indexOf(than);
}

/** Whether pods are denied or lose the role. */
export function isStrict(action: ViolationAction): boolean {
  return action === 'Deny' || action === 'Strip';
}
